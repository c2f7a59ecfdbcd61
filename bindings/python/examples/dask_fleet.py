"""A fleet on many machines: the workers of a Dask cluster apply the parts of a sheet, each part with its own ledger.

    export OCAMBA_TOKEN=... OCAMBA_RATE_LIMIT=redis://host:6379
    python dask_fleet.py fleet.csv ledgers
    python dask_fleet.py fleet.csv /shared/ledgers --scheduler tcp://host:8786

The workers need both variables too: they share the account's rate limit through Redis. Write secrets into the sheet as
references, `env:FLEET_NAME`, because Dask may write the rows to a disk. Another run resumes, even if other workers receive the
parts, as long as all machines share the folder of the ledgers.
"""

import argparse
from pathlib import Path

import dask
import dask.dataframe
import pandas
from dask.distributed import Client, LocalCluster

from ocamba_hood.fleet import Fleet

#: Number of parts, and of ledgers. Unlike the number of workers, it must not change between runs.
PARTS = 8

#: What the sheet may read: variables whose names begin so.
REFERENCES = "env:FLEET_"


def apply_part(rows: pandas.DataFrame, ledger: Path) -> pandas.DataFrame:
    """Applies a part of the sheet, on a worker."""
    return Fleet(rows, references=REFERENCES, timeout=600).apply(ledger=ledger, in_flight=4, progress=False).to_pandas()


def apply(sheet: Path, ledgers: Path) -> pandas.DataFrame:
    """Applies a sheet, and returns the outcome of each row."""
    rows = pandas.read_csv(sheet, dtype=str)
    # The parts together, because the same name in two parts would be created twice.
    Fleet(rows, references=REFERENCES).check()
    ledgers.mkdir(parents=True, exist_ok=True)
    parts = dask.dataframe.from_pandas(rows, npartitions=PARTS, sort=False).to_delayed()
    applied = [dask.delayed(apply_part)(part, ledgers.absolute() / f"{number}.ledger") for number, part in enumerate(parts)]
    return pandas.concat(dask.compute(*applied), ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Applies a sheet with the workers of a Dask cluster.")
    parser.add_argument("sheet", type=Path)
    parser.add_argument("ledgers", type=Path, help="a folder")
    parser.add_argument("--scheduler", help="address of the cluster; by default, four local processes")
    arguments = parser.parse_args()
    cluster = arguments.scheduler or LocalCluster(n_workers=4, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        report = apply(arguments.sheet, arguments.ledgers)
        print(report.to_csv(index=False), end="")
        if not arguments.scheduler:
            client.shutdown()


if __name__ == "__main__":
    main()
