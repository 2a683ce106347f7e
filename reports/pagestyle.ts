/** Style of the report page: reading width, tables that scroll in their own box, phone, print. Colours come from the figures' theme. */

/** Rules of the page, figures left out. */
export function pageCss(): string {
  return `*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:3rem}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.35rem;margin:3rem 0 .8rem;padding-top:.6rem;border-top:2px solid var(--ink)}
h3{font-size:1.1rem;margin:2rem 0 .6rem}
h4{font-size:1rem;margin:1.2rem 0 .4rem;color:var(--muted)}
p,dl,ul{max-width:80ch}
.meta{max-width:none}
small{font-size:.82em;color:var(--muted)}
.meta,.note,figcaption{color:var(--muted);font-size:.88rem}
.syn{color:var(--mark);font-weight:600;font-size:.85em}
.banner{max-width:none;margin:1rem 0;padding:.6rem .9rem;border:1px solid var(--mark);border-left:6px solid var(--mark);border-radius:4px;background:var(--card)}
.banner b{color:var(--mark)}
nav{position:sticky;top:0;z-index:1;background:var(--ground);border-bottom:1px solid var(--hair);overflow-x:auto;white-space:nowrap}
nav div{max-width:1180px;margin:0 auto;padding:0 20px}
nav a{display:inline-block;padding:.55rem .9rem .55rem 0;color:var(--accent);text-decoration:none;font-size:.92rem}
nav a:hover,nav a:focus{text-decoration:underline}
.lead{list-style:none;margin:.4rem 0 1.4rem;padding:0;font-size:1.05rem;max-width:none}
.lead li{padding:.28rem 0;border-bottom:1px solid var(--faint)}
.budget{display:inline-block;min-width:5.2em;color:var(--muted);font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto;margin:.6rem 0 1rem;border:1px solid var(--faint);border-radius:4px}
table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums;width:100%;overflow-wrap:normal}
caption{text-align:left;padding:.5rem .6rem;color:var(--muted);font-size:.95em}
th,td{padding:.3rem .6rem;vertical-align:top;border-top:1px solid var(--faint);text-align:right;white-space:nowrap}
th{font-weight:600}
thead th{vertical-align:bottom;background:var(--card);border-bottom:1px solid var(--hair)}
tbody th,td:first-child{text-align:left}
tbody th,.l{text-align:left;white-space:normal}
td.r{text-align:right}
th.m{text-align:center;border-left:1px solid var(--hair)}
sup{line-height:0}
th.over{color:var(--muted);font-style:italic}
.banded th,.banded td{padding:.3rem .4rem}
.banded td:first-child{position:sticky;left:0;background:var(--ground)}
td b,.nowrap{white-space:nowrap}
tbody tr:hover td{background:var(--card)}
tr.strong td{font-weight:700}
.na{color:var(--muted);font-style:italic}
.pass{color:var(--s2)}.fail{color:var(--s1);font-weight:700}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.85em}
.hash{overflow-wrap:anywhere}
pre{overflow-x:auto;padding:.6rem .8rem;background:var(--card);border:1px solid var(--faint);border-radius:4px;tab-size:16;max-height:24rem}
pre.command{white-space:pre-wrap}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--accent);padding:.15rem 0}
.numbers summary{font-size:.85rem}
figure{margin:1rem 0 1.4rem;min-width:0}
.draw{overflow-x:auto}
.draw svg,.grid svg{display:block;max-width:100%;height:auto}
figcaption{margin-top:.3rem;max-width:95ch}
.file{font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8em;opacity:.8}
.shared{position:absolute}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:1rem 1.4rem}
.grid figure{margin:0}
.grid svg{width:100%;max-width:420px}
dt{font-weight:600;margin-top:.5rem}
dd{margin:0}
footer{margin-top:3rem;padding-top:1rem;padding-bottom:2rem;border-top:1px solid var(--hair);color:var(--muted);font-size:.85rem}
@media (max-width:700px){header,main,footer,nav div{padding-left:14px;padding-right:14px}
.large .draw svg{min-width:620px}
h1{font-size:1.45rem}}
@page{size:landscape;margin:9mm}
@media print{nav,.numbers{display:none}
body{font-size:10.5pt}
header,main,footer{max-width:none;padding:0}
.scroll,.draw{overflow:visible;border:0}
table{font-size:6pt}
th,td{padding:1px 3px}
.grid{grid-template-columns:repeat(2,1fr)}
figure,tr{break-inside:avoid}
h2,h3,h4{break-after:avoid}}
`;
}
