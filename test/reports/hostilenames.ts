/** Names that try to leave their place on a page, in a table or on a terminal. */

const SEEDS: readonly string[] = [
  "<img src=x onerror=alert(1)>",
  '"><script>alert(1)</script>',
  "'><svg onload=alert(1)>",
  "javascript:alert(1)",
  "{{7*7}}",
  "${7*7}",
  "&#x3c;script&#x3e;",
  "&lt;b&gt;",
  "--><b>",
  "]]><b>",
  "</title><script>",
  "</style><script>",
  "</svg></td></tr></table><h1>x",
  "<!--",
  "`onmouseover=alert(1)`",
  " onclick=alert(1) x=",
  '" style="position:fixed',
  "a|b|c",
  "a\nb\r\nc",
  "](javascript:alert(1))",
  "![x](http://example.org/x.png)",
  "[x](http://example.org)",
  "**bold** _it_ ~~no~~",
  "# heading",
  "| --- | --- |",
  "<details>",
  "\u001b[31mred\u001b[0m",
  "\u202egnp.exe",
  "\u0000nul",
  "=cmd|' /C calc'!A0",
  "+1+1",
  "@SUM(A1)",
  "\u200bzero\ufeffwidth",
  "x".repeat(10_000),
  "../../etc/passwd",
  "C:\\windows\\system32",
  "😀 emoji \ud800 half",
  "<a href=//example.org>x</a>",
  "<style>*{display:none}</style>",
  "url(http://example.org)",
];

const WRAPS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => `a ${name} b`,
  (name) => `"${name}"`,
];

/** One hundred of them, all different. */
export const HOSTILE: readonly string[] = WRAPS.flatMap((wrap) => SEEDS.map(wrap)).slice(0, 100);
