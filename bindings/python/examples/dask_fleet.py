"""A fleet on many machines: each part of a sheet is applied by a worker of Dask, with a ledger of its own.

    export OCAMBA_TOKEN=... OCAMBA_RATE_LIMIT=redis://host:6379
    python dask_fleet.py fleet.csv ledgers
    python dask_fleet.py fleet.csv /shared/ledgers --scheduler tcp://host:8786

The workers need both variables too: Redis is where they share the account's rate limit, so that together they keep it. Write
secrets into the sheet as references, `env:NAME`: Dask may write what it passes around to a disk. Run again, it goes on where
it ended, also if the ledgers are in a folder that all machines see and the parts come to other workers.
"""

import argparse
from pathlib import Path

import dask
import dask.dataframe
import pandas
from dask.distributed import Client, LocalCluster

from ocamba_hood.fleet import Fleet

#: The parts of a sheet, and thereby the ledgers: not how many workers there are, which may change from run to run.
PARTS = 8


def apply_part(rows: pandas.DataFrame, ledger: Path) -> pandas.DataFrame:
    """Applies a part of the sheet, on a worker."""
    return Fleet(rows, timeout=600).apply(ledger=ledger, in_flight=4, progress=False).to_pandas()


def apply(sheet: Path, ledgers: Path) -> pandas.DataFrame:
    """Applies a sheet, and returns what became of each of its rows."""
    rows = pandas.read_csv(sheet, dtype=str)
    # All at once: the same name in two parts would be made twice.
    Fleet(rows).check()
    ledgers.mkdir(parents=True, exist_ok=True)
    parts = dask.dataframe.from_pandas(rows, npartitions=PARTS, sort=False).to_delayed()
    applied = [dask.delayed(apply_part)(part, ledgers.absolute() / f"{number}.ledger") for number, part in enumerate(parts)]
    return pandas.concat(dask.compute(*applied), ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Applies a sheet with the workers of a Dask cluster.")
    parser.add_argument("sheet", type=Path)
    parser.add_argument("ledgers", type=Path, help="a folder")
    parser.add_argument("--scheduler", help="where the cluster is; else four processes are started here")
    arguments = parser.parse_args()
    cluster = arguments.scheduler or LocalCluster(n_workers=4, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        report = apply(arguments.sheet, arguments.ledgers)
        print(report.to_csv(index=False), end="")
        if not arguments.scheduler:
            client.shutdown()


if __name__ == "__main__":
    main()
