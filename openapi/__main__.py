"""`python -m openapi`: write docs/openapi.json."""

from openapi import document

if __name__ == "__main__":
    document.FILE.write_text(document.text(), encoding="utf-8")
