"""The page's style: one column on a phone, two on a desk; light or dark as its reader likes."""

STYLE = """
:root { color-scheme: light dark; --page: #f5f6f8; --card: #ffffff; --ink: #16202c; --soft:
  #4b5a6b; --faint: #67768a; --line: #e8ebef; --axis: #b9c2cd; --blue: #2f6fde; --pale: #b7cdf5;
  --green: #1a8a5a; --amber: #b86e00; --red: #c93a3a; --violet: #7553d6; --shadow: 0 1px 2px
  #1620280f, 0 6px 20px #1620280a; }
@media (prefers-color-scheme: dark) { :root { --page: #0e141b; --card: #17202a; --ink: #e9eef4;
  --soft: #aab7c5; --faint: #93a1b1; --line: #25303d; --axis: #46556a; --blue: #6ea2ff; --pale:
  #35507f; --green: #4cc38a; --amber: #f0b050; --red: #ff7b72; --violet: #a78bfa; --shadow:
  none; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5; font: 15px/1.5
  system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 56px; }
header p { margin: 0; color: var(--soft); }
h1 { margin: 4px 0; font-size: 34px; line-height: 1.15; letter-spacing: -0.02em; font-weight:
  680; }
h2 { margin: 0; font-size: 17px; font-weight: 640; letter-spacing: -0.005em; }
.eyebrow { text-transform: uppercase; letter-spacing: 0.08em; font-size: 12px; font-weight: 640;
  }
.numbers { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; margin: 28px 0 16px;
  padding: 0; list-style: none; }
.numbers li, section { background: var(--card); border-radius: 14px; box-shadow: var(--shadow);
  }
.numbers li { padding: 18px 20px 12px; }
.numbers h2 { font-size: 14px; font-weight: 560; color: var(--soft); }
.numbers b { display: block; font-size: 32px; line-height: 1.2; font-weight: 660;
  letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.change { font-size: 13px; color: var(--faint); font-variant-numeric: tabular-nums; }
.grid { display: grid; grid-template-columns: repeat(2, 1fr); gap: 16px; }
section { padding: 20px 22px 14px; min-width: 0; display: flex; flex-direction: column; }
section > details { margin-top: auto; }
section.wide { grid-column: 1 / -1; }
section > p { margin: 2px 0 12px; color: var(--soft); font-size: 14px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
.columns .bottom line { display: none; }
.series text { font-size: 13px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.numbers svg { margin-top: 8px; }
details { margin-top: 8px; border-top: 1px solid var(--line); padding-top: 8px; font-size: 14px;
  color: var(--soft); }
summary { cursor: pointer; border-radius: 4px; }
summary:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; margin-top: 8px; font-variant-numeric:
  tabular-nums; }
th, td { text-align: left; padding: 5px 0; border-bottom: 1px solid var(--line); font-weight:
  400; overflow-wrap: anywhere; }
thead th { font-size: 12px; color: var(--faint); font-weight: 600; }
tr > :not(:first-child) { text-align: right; padding-left: 16px; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.none { color: var(--faint); padding: 18px 0; margin: 0; text-align: center; }
footer { margin-top: 24px; color: var(--faint); font-size: 13px; }
@media (max-width: 720px) { main { padding: 24px 16px; } .grid { grid-template-columns:
  minmax(0, 1fr); } .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; } h1
  { font-size: 27px; } .numbers b { font-size: 26px; } }
@media print { body { background: none; } section, .numbers li { box-shadow: none; border: 1px
  solid var(--line); break-inside: avoid; } }
"""
