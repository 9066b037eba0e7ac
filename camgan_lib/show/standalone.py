"""What pages that stand alone have in common: one HTML file each, which needs neither a network nor a script.

They follow the reader's light or dark mode and fit a phone. All that comes from users is escaped (`text`).
"""

import html

from camgan_lib.data.names import shown

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
"""

STYLE = """
:root { --text: #1c1c1e; --soft: #5b5b60; --line: #d4d4d8; --back: #fff; --card: #f6f6f7; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececee; --soft: #a9a9b0; --line: #47474d; --back: #17171a; --card: #212125; --link: #7cb8f2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.6rem 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1.05rem; margin: 0 0 0.2rem; }
p { margin: 0.3rem 0; max-width: 46rem; }
a { color: var(--link); }
small, .soft, figcaption { color: var(--soft); font-size: 0.875rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0; font-weight: 400; }
thead th { border-bottom: 1px solid var(--line); color: var(--soft); font-size: 0.875rem; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
ul { margin: 0.4rem 0; padding-left: 1.2rem; }
"""
"""The look of every such page; a page adds rules of its own."""


def opening(title: str, style: str) -> str:
    """The beginning of a page, up to its title as a heading. `style`: its own rules, after those of all pages."""
    return f"{HEAD}<title>{text(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n<body>\n<main>\n" + (
        f"<h1>{text(title)}</h1>\n"
    )


CLOSING = "</main>\n</body>\n</html>\n"


def text(words: str) -> str:
    """Any text as HTML shows it, in one line."""
    return html.escape(shown(words))
