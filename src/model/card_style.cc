#include "model/card_style.h"

namespace vigie::model {

// Series differ by dash as well as by colour; text colours keep 4.5:1 on their ground in both themes.
const std::string_view kCardStyle = R"css(
:root{--ground:#f6f7f9;--sheet:#fff;--ink:#16202e;--soft:#56637a;--rule:#dde2ea;--accent:#1d4ed8;
--ensemble:#1d4ed8;--boosted:#0b7a5c;--isolation:#b45309;--legit:#64748b;--fraud:#d6336c;--tint:#eef3ff;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ground:#0e141d;--sheet:#161e2a;--ink:#e6ebf3;--soft:#9fadc3;--rule:#2a3546;
--accent:#8fb3ff;--ensemble:#7fa8ff;--boosted:#4fcfa3;--isolation:#f0a955;--legit:#8494ab;--fraud:#ff7aa8;--tint:#1b2740}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.page{max-width:1080px;margin:0 auto;padding:32px 20px 64px}
.pick{position:absolute;opacity:0;pointer-events:none}
#lang-en:checked~.page [lang=fr],#lang-fr:checked~.page [lang=en]{display:none}
.lang{float:right;display:flex;border:1px solid var(--rule);border-radius:999px;background:var(--sheet);overflow:hidden;font-size:13px}
.lang label{padding:4px 14px;cursor:pointer;color:var(--soft)}
#lang-en:checked~.page .lang label[for=lang-en],#lang-fr:checked~.page .lang label[for=lang-fr]{background:var(--accent);color:var(--sheet)}
.note{paint-order:stroke;stroke:var(--sheet);stroke-width:3px}
.pick:focus-visible~.page .lang{outline:3px solid var(--accent);outline-offset:2px}
.eyebrow{margin:0;color:var(--accent);font-weight:600;font-size:13px;letter-spacing:.08em;text-transform:uppercase}
h1{margin:4px 0 6px;font-size:clamp(28px,5vw,42px);line-height:1.15;letter-spacing:-.02em;overflow-wrap:anywhere}
.lead{margin:0;max-width:70ch;color:var(--soft);font-size:17px}
h2{margin:48px 0 14px;font-size:23px;letter-spacing:-.01em}
h3{margin:0 0 8px;font-size:16px}
p{max-width:75ch}
ul{padding-left:20px;margin:0}li{margin:4px 0;max-width:72ch}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:26px 0 0;padding:0}
.tile,.sheet,figure{background:var(--sheet);border:1px solid var(--rule);border-radius:14px}
.tile{padding:14px 16px}
.tile dt{color:var(--soft);font-size:13px}
.tile dd{margin:0;font-size:27px;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.tile small,.interval{display:block;color:var(--soft);font-size:12px;font-weight:400;letter-spacing:0;font-variant-numeric:tabular-nums;white-space:nowrap}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px}
.pair+.pair{margin-top:16px}
.results{align-items:start;grid-template-columns:minmax(0,3fr) minmax(0,2fr)}
@media (max-width:860px){.results{grid-template-columns:minmax(0,1fr)}}
.sheet{padding:18px 20px;overflow-x:auto}
figure{margin:0;padding:16px 18px}
figcaption{color:var(--soft);font-size:13px;margin-top:8px}
svg{display:block;width:100%;height:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:15px}
th,td{text-align:left;padding:7px 10px 7px 0;border-bottom:1px solid var(--rule);vertical-align:top}
thead th{color:var(--soft);font-weight:600;font-size:13px}
tbody th{font-weight:500}tr:last-child>*{border-bottom:0}
.number{text-align:right;padding-right:4px;padding-left:14px}
td.best{font-weight:650}td.best .interval{font-weight:400}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;overflow-wrap:anywhere}
pre{margin:0;padding:14px 16px;background:var(--tint);border-radius:10px;overflow-x:auto;font-size:13px}
.matrix{display:grid;grid-template-columns:auto 1fr 1fr;gap:8px;font-variant-numeric:tabular-nums}
.matrix div{padding:12px 14px;border-radius:10px;background:var(--tint)}
.matrix .head{background:none;color:var(--soft);font-size:13px;padding:6px 4px;align-self:center}
.matrix b{display:block;font-size:21px}
.matrix small{color:var(--soft)}
.matrix .wrong{background:none;border:1px solid var(--rule)}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;margin:24px 0 12px;color:var(--soft);font-size:14px;padding:0;list-style:none}
.legend svg{display:inline-block;width:30px;height:10px;vertical-align:middle;margin-right:6px}
.key{display:inline-block;width:14px;height:3px;border-radius:2px;vertical-align:middle;margin:0 5px 0 10px;background:var(--legit)}
.key:first-child{margin-left:0}
.key.precision{background:var(--boosted)}.key.recall{background:var(--isolation)}.key.f1{background:var(--ensemble)}
.key.legit,.key.fraud{height:10px;opacity:.75}.key.fraud{background:var(--fraud)}
.grid{stroke:var(--rule);stroke-width:1;fill:none}.axis{stroke:var(--soft);stroke-width:1;fill:none}
.tick{fill:var(--soft);font-size:11px}.title{fill:var(--soft);font-size:12px}.note{fill:var(--ink);font-size:12px;font-weight:600}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke:var(--legit)}
.line.isolation,.line.recall{stroke:var(--isolation);stroke-dasharray:2 3.5}
.line.boosted,.line.precision{stroke:var(--boosted);stroke-dasharray:8 4}
.line.ensemble,.line.f1{stroke:var(--ensemble);stroke-width:2.4}
.line.chance,.mark.chance{stroke:var(--soft);stroke-width:1;stroke-dasharray:1 4}
.mark{fill:none;stroke:var(--ink);stroke-width:1.2}.band{fill:var(--ensemble);opacity:.13}
.dot{stroke:var(--sheet);stroke-width:1.5;fill:var(--ensemble)}
.dot.isolation{fill:var(--isolation)}.dot.boosted{fill:var(--boosted)}
.dot.hollow{fill:var(--sheet);stroke:var(--ensemble)}.dot.hollow.isolation{stroke:var(--isolation)}.dot.hollow.boosted{stroke:var(--boosted)}
.area{stroke-width:1}.area.legit{fill:var(--legit);fill-opacity:.35;stroke:var(--legit)}.area.fraud{fill:var(--fraud);fill-opacity:.28;stroke:var(--fraud)}
.importance th{width:13em;overflow-wrap:anywhere}.importance td,.importance th{padding:2px 8px 2px 0;border:0;font-size:13px;vertical-align:middle}
.importance td:last-child{text-align:right;width:4.5em;color:var(--soft)}
.bar i{display:block;height:11px;min-width:1px;border-radius:0 3px 3px 0;background:var(--boosted)}
.bar.ensemble i{background:var(--ensemble)}.bar.fraud i{background:var(--fraud)}
.trio{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:12px;margin-top:12px}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px}
.small{padding:8px 10px;border-radius:10px}.small figcaption{margin:0 0 4px;color:var(--ink);overflow-wrap:anywhere}
.range{display:flex;justify-content:space-between;color:var(--soft);font-size:11px}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--rule);color:var(--soft);font-size:13px}
@media (max-width:560px){.page{padding:20px 14px 40px}.sheet,figure{padding:14px}}
@media print{:root{--ground:#fff;--sheet:#fff;--ink:#000;--soft:#444;--rule:#ccc;--tint:#f3f3f3;--accent:#1d4ed8;--ensemble:#1d4ed8;
--boosted:#0b7a5c;--isolation:#b45309;--legit:#64748b;--fraud:#d6336c}body{font-size:11pt}.lang{display:none}.page{max-width:none;padding:0}
figure,.tile,.sheet,tr{break-inside:avoid}h2{break-after:avoid}.multiples{grid-template-columns:repeat(5,1fr)}}
)css";

}  // namespace vigie::model
