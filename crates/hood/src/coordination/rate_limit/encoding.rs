//! The form in which a file and Redis keep the state: numbers of eight bytes, the checksum last.

use super::rules::LimiterState;

/// Start of the first number, in all forms of the state.
pub const MARK: &[u8] = b"ocambaL";
/// First number, which names the form.
const MAGIC: u64 = u64::from_le_bytes(*b"ocambaL2");

pub fn encode(state: &LimiterState) -> Vec<u8> {
    let LimiterState { changed, steps, sent, in_flight, next, .. } = state;
    let mut numbers = vec![MAGIC, *changed, steps.cast_unsigned(), *next];
    numbers.extend([state.blocked_until, state.remaining, state.remaining_until, state.flight_limit]);
    numbers.extend([sent.len() as u64, in_flight.len() as u64]);
    numbers.extend(sent);
    numbers.extend(in_flight.iter().flat_map(|(number, at)| [number, at]));
    numbers.push(checksum(&numbers));
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Reads the state; `None` where the bytes are not whole: their writer died, or there are none.
pub fn decode(bytes: &[u8]) -> Option<LimiterState> {
    let (numbers, []) = bytes.as_chunks::<8>() else { return None };
    let numbers: Vec<u64> = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
    let (sum, numbers) = numbers.split_last()?;
    let [MAGIC, changed, steps, next, rest @ ..] = numbers else { return None };
    let [blocked_until, remaining, remaining_until, flight_limit, sent, in_flight, rest @ ..] = rest else {
        return None;
    };
    let (sent, in_flight) = (usize::try_from(*sent).ok()?, usize::try_from(*in_flight).ok()?);
    if *sum != checksum(numbers) || rest.len() != sent.checked_add(in_flight.checked_mul(2)?)? {
        return None;
    }
    Some(LimiterState {
        changed: *changed,
        steps: steps.cast_signed(),
        sent: rest[..sent].iter().copied().collect(),
        in_flight: rest[sent..].chunks(2).map(|pair| (pair[0], pair[1])).collect(),
        next: *next,
        blocked_until: *blocked_until,
        remaining: *remaining,
        remaining_until: *remaining_until,
        flight_limit: *flight_limit,
    })
}

/// FNV-1a over numbers: finds a text that was half written.
fn checksum(numbers: &[u64]) -> u64 {
    numbers.iter().fold(0xcbf2_9ce4_8422_2325, |sum, number| (sum ^ number).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_round_trips_and_no_part_of_it_decodes() {
        let state = LimiterState {
            sent: [3, 5].into(),
            in_flight: vec![(7, 6)],
            next: 8,
            steps: -9,
            ..LimiterState::default()
        };
        let bytes = encode(&state);
        assert_eq!(decode(&bytes), Some(state));
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None);
        }
    }
}
