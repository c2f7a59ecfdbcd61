"""Makes the workbooks and CSV files of this folder: by LibreOffice, in three languages, and by openpyxl.

    apt-get install --no-install-recommends libreoffice-calc; pip install openpyxl; python make.py

The tests need neither. LibreOffice reads a flat document, which is written here, and saves it in each format.
"""

import subprocess
import tempfile
from datetime import date
from html import escape
from pathlib import Path

import openpyxl

HERE = Path(__file__).parent
SETTINGS = ["account_sid", "auth_token", "default_phone_number", "default_sender_email", "default_sender_name",
            "sending_domain", "port", "username", "password"]
HEADER = ["name", "provider", "status", *(f"settings.{name}" for name in SETTINGS), "NOTES"]
SID = "AC" + "7" * 32
NUMBER = 12155551234
#: Formats of numbers, as LibreOffice and as Excel name them.
STYLES = {
    "grouped": ('<number:number number:decimal-places="0" number:min-integer-digits="1" number:grouping="true"/>', "#,##0"),
    "decimals": ('<number:number number:decimal-places="2" number:min-decimal-places="2" number:min-integer-digits="1"/>', "0.00"),
    "five": ('<number:number number:decimal-places="0" number:min-integer-digits="5"/>', "00000"),
    "plus": ('<number:text>+</number:text><number:number number:decimal-places="0" number:min-integer-digits="1"/>', '"+"0'),
    "scientific": ('<number:scientific-number number:decimal-places="2" number:min-decimal-places="2" '
                   'number:min-integer-digits="1" number:min-exponent-digits="2"/>', "0.00E+00"),
}


class Number:
    def __init__(self, value, style=None, formula=None):
        self.value, self.style, self.formula = value, style, formula


def twilio(name, provider, phone, token="secret", notes=None):
    return [name, provider, "active", SID, token, phone, *[None] * 6, notes]


def custom(name, port, username):
    return [name, "Custom SMTP", None, None, None, None, "a@example.com", "Ann", "example.com", port, username, "pa ss", None]


#: Rows that are applied as they are meant.
SHOPS = [
    [],
    HEADER,
    ["# the shops of 2026"],
    twilio(Number(4711), "twilio", Number(NUMBER), Number(123456789012345), date(2026, 1, 31)),
    twilio("Ü & Söhne <1>", Number(1000), "+12155551234", notes="a\nb"),
    [],
    custom("Zürich", Number(587), Number(123, "five")),
    twilio("computed", "Twilio", Number(NUMBER, None, "12155551230+4"), "  padded "),
    custom("text", "0587", "a=1"),
    [],
]
#: Numbers whose format groups digits, or shortens them, and a text that CSV has like a formula: workbooks have what is meant.
SHOWN = [
    HEADER,
    custom("formula", "0587", "=1+1"),
    custom("decimals", Number(587, "decimals"), "ann"),
    twilio("grouped", "twilio", Number(NUMBER, "grouped")),
    twilio("shortened", "twilio", Number(NUMBER, "scientific")),
]
#: Rows that are refused in each format.
REFUSED = [
    HEADER,
    twilio("date", "twilio", date(2026, 1, 31)),
    twilio("boolean", "twilio", True),
    twilio("error", "twilio", Number(None, None, "NA()")),
    twilio("long", "twilio", Number(1234567890123456789)),
    twilio("format", "twilio", Number(NUMBER, "plus")),
    twilio("rounded", "twilio", Number(12155551234.5, "five")),
]
SHEETS = {"Old": [["hidden"]], "Shops": SHOPS, "All shown": SHOWN, "Refused": REFUSED}


def flat_cell(value):
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            return f'<table:table-cell table:style-name="boolean" office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
        case date():
            return f'<table:table-cell table:style-name="date" office:value-type="date" office:date-value="{value}"/>'
        case Number():
            style = f' table:style-name="{value.style}"' if value.style else ""
            formula = f' table:formula="of:={value.formula}"' if value.formula else ""
            number = "" if value.value is None else f' office:value-type="float" office:value="{value.value}"'
            return f"<table:table-cell{style}{formula}{number}/>"
    spaced = escape(value).replace("  ", '<text:s text:c="2"/>')
    lines = "".join(f"<text:p>{line}</text:p>" for line in spaced.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def flat_document():
    styles = "".join(
        f'<number:number-style style:name="N{name}">{parts}</number:number-style>'
        f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default" style:data-style-name="N{name}"/>'
        for name, (parts, _) in STYLES.items()
    )
    dates = ('<number:date-style style:name="Ndate"><number:year number:style="long"/><number:text>-</number:text>'
             '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>'
             '<style:style style:name="date" style:family="table-cell" style:parent-style-name="Default" style:data-style-name="Ndate"/>'
             '<number:boolean-style style:name="Nboolean"><number:boolean/></number:boolean-style>'
             '<style:style style:name="boolean" style:family="table-cell" style:parent-style-name="Default" style:data-style-name="Nboolean"/>'
             '<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>')
    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{"hidden" if name == "Old" else "shown"}">'
        + "".join(f"<table:table-row>{''.join(map(flat_cell, row)) or '<table:table-cell/>'}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in SHEETS.items()
    )
    names = {"office": "office", "style": "style", "text": "text", "table": "table", "number": "datastyle"}
    spaces = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for short, name in names.items())
    return (f'<?xml version="1.0" encoding="UTF-8"?><office:document {spaces} xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
            'office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
            '<office:styles><style:style style:name="Default" style:family="table-cell"/></office:styles>'
            f"<office:automatic-styles>{styles}{dates}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document>")


def convert(document, language, form, folder):
    """Has LibreOffice, in a language, save a document in a format."""
    profile = folder / language
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">'
        f"<value>{language}</value></prop></item></oor:items>"
    )
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{profile}", "--convert-to", form, "--outdir", folder, document]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def by_libreoffice(folder):
    document = folder / "shops.fods"
    document.write_text(flat_document(), encoding="utf-8")
    for form in ("xlsx", "ods"):
        convert(document, "en-US", form, folder)
        (HERE / f"libreoffice.{form}").write_bytes((folder / f"shops.{form}").read_bytes())
    # Both spreadsheets write semicolons where the comma is for decimal places. UTF-8, as shown, each sheet to a file.
    for language, delimiter in {"en-US": 44, "de-DE": 59, "fr-FR": 59}.items():
        convert(document, language, f"csv:Text - txt - csv (StarCalc):{delimiter},34,76,1,,0,false,true,true,false,false,-1", folder)
        for sheet in ("Shops", "All shown", "Refused"):
            name = f"libreoffice.{language}.{sheet.lower().replace(' ', '-')}.csv"
            (HERE / name).write_bytes((folder / f"shops-{sheet}.csv").read_bytes())


def by_openpyxl():
    workbook = openpyxl.Workbook()
    workbook.active.title = "Old"
    for name, rows in SHEETS.items():
        sheet = workbook[name] if name == "Old" else workbook.create_sheet(name)
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(at, column, value.value if isinstance(value, Number) else value)
                if isinstance(value, str):
                    # Otherwise, a text that begins with an equals sign would be a formula.
                    cell.data_type = "s"
                if isinstance(value, Number):
                    cell.number_format = STYLES[value.style][1] if value.style else "General"
                    if value.formula and name == "Refused":
                        # A formula without a stored value.
                        cell.value = f"={value.formula}"
    workbook["Old"].sheet_state = "hidden"
    workbook.active = 1
    merged = workbook.create_sheet("Merged")
    for row in [HEADER, twilio("one", "twilio", "+1"), twilio("two", None, "+2")]:
        merged.append(row)
    merged.merge_cells("B2:B3")
    workbook.save(HERE / "openpyxl.xlsx")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        by_libreoffice(Path(folder))
    by_openpyxl()
