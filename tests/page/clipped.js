// clipped.js: what a person cannot read: text that leaves the part it stands in, and parts that lie over one another. Gives their names, [] if all is well.
() => {
  const cut = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const exempt = ".sr, .skip, .slip, .time, .mark, .card, option, script";
  const parts = ".panel, .note, button, .seg label, .device, td, th, .hint";
  const outside = (box, room) => box.right > room.right + 1 || box.left < room.left - 1;
  const beyond = (box, room) => box.bottom > room.bottom + 2 || box.top < room.top - 2;
  const leaves = (box, own) => {
    for (let under = own; under && under !== document.body; under = under.parentElement) {
      const style = getComputedStyle(under);
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) return null;
      const room = under.getBoundingClientRect();
      const tight = /hidden|clip/.test(style.overflowX) || under.matches(parts);
      if (tight && (outside(box, room) || (!under.matches("td, th") && beyond(box, room)))) return under;
    }
    return null;
  };
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const own = node.parentElement;
    if (!node.data.trim() || own.closest(exempt) || !own.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const left = [...range.getClientRects()].map((box) => leaves(box, own)).find(Boolean);
    if (left) cut.push(`${node.data.trim()} in ${left.id || left.className || left.tagName}`);
  }
  const note = ".note:not([hidden]):not(.behind)";
  for (const [one, other] of [[note, ".plug"], [note, ".paper:not([hidden])"], [".side", ".stage"], [".stage", ".record"]]) {
    const a = document.querySelector(one)?.getBoundingClientRect();
    const b = document.querySelector(other)?.getBoundingClientRect();
    if (!a?.width || !b?.width) continue;
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) cut.push(`${one} lies over ${other}`);
  }
  return cut;
}
