"""`qa erase`: calls taken out of everything, with a receipt."""

from __future__ import annotations

import click

from qa.cli.common import json_option, open_store, plural, print_json, store_option


@click.command(
    short_help="Erase calls for good, with a receipt.",
    epilog="""\b
Examples:
  qa erase 4711
  qa erase 1c7e0b6fbe46 821e3a4e147c --json > receipts.jsonl""",
)
@click.argument("calls", metavar="CALL...", nargs=-1, required=True)
@click.option("--team", help="The team, where two teams have that contact id.")
@json_option
@store_option
def erase(calls: tuple[str, ...], team: str | None, as_json: bool, store: str | None) -> None:
    """Erase each CALL (a call id or a contact id): recording, words, scores, evidence and snapshots.

    The store is written anew, so that no byte stays in a file of it. Copies elsewhere are named in the receipt.
    """
    with open_store(store) as opened:
        teams = None if team is None else [team]
        opened.erase(list(dict.fromkeys(opened.row(call, teams=teams).call_id for call in calls)))
        receipts = opened.sweep()
    if as_json:
        for receipt in receipts:
            print_json(receipt)
        return
    done = plural(len(receipts), "call")
    click.echo(f"{done} erased: {', '.join(receipt.call_id for receipt in receipts)}.")
    click.echo(f"Out of reach, and yours to see to: {'; '.join(receipts[0].beyond_reach)}.")
