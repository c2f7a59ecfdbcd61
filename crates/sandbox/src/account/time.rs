//! Times in the format of the API.

use std::time::SystemTime;

/// Formats a time in GMT: `2021-10-29 12:47:00`.
pub fn text(time: SystemTime) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    // As `Fri, 29 Oct 2021 12:47:00 GMT`.
    let date = httpdate::fmt_http_date(time);
    let month = MONTHS.find(&date[8..11]).unwrap_or_default() / 3 + 1;
    format!("{}-{month:02}-{} {}", &date[12..16], &date[5..7], &date[17..25])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn time_has_the_documented_format() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_635_511_620, "2021-10-29 12:47:00"),
            (1_709_164_800, "2024-02-29 00:00:00"),
            (1_735_689_599, "2024-12-31 23:59:59"),
            (1_735_689_600, "2025-01-01 00:00:00"),
            (4_107_542_400, "2100-03-01 00:00:00"),
        ] {
            assert_eq!(text(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }
}
