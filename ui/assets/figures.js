// Figures outside the page. A picture saved of one carries its message and what it rests on, which on the page stand
// beside it; and paper waits for figures that are still being drawn.

const ROOM = { side: 16, top: 22, below: 8, title: 17, note: 12, line: 1.3, width: 800 }

// The texts of a picture, broken into lines as wide as it is. Its font is the reader's own: a picture brings none.
function broken(text, size, weight, width) {
  const pen = document.createElement("canvas").getContext("2d")
  pen.font = `${weight} ${size}px sans-serif`
  const lines = [""]
  for (const word of text.split(/ +/)) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word
    if (lines.at(-1) && pen.measureText(longer).width > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
const CHIPS = ".st-key-filter_chips [class*='st-key-chip_']:not(.st-key-chip_clear) button p"
const said = (selector) =>
  [...document.querySelectorAll(selector)].map((e) => e.innerText.replace("×", "").trim()).filter((text) => text)

// Just before the camera takes its picture: the message on top of the figure, and whose, which and when below that.
function caption(figure) {
  const options = figure._context.toImageButtonOptions
  const { title, notes, source } = options.caption
  const width = Math.max(figure._fullLayout.width, ROOM.width) + 2 * ROOM.side
  const inside = width - 2 * ROOM.side
  const where = said(".at-crumbs [aria-current=page]")
  const note = [...where, ...said(CHIPS), ...notes, source, ...said(".at-basis")]
  const above = title ? broken(title, ROOM.title, 600, inside) : []
  const below = broken(note.join(" · "), ROOM.note, 400, inside)
  const room = ROOM.top + ROOM.below + ROOM.line * (above.length * ROOM.title + below.length * ROOM.note)
  const small = (line) => `<span style="font-size:${ROOM.note}px">${escaped(line)}</span>`
  const { font, margin, paper_bgcolor, title: was } = figure.layout
  const { l, r, t, b } = figure._fullLayout.margin
  const { side } = ROOM
  Object.assign(options, { width, height: figure._fullLayout.height + room + side })
  Object.assign(figure.layout, {
    margin: { ...margin, l: l + side, r: r + side, t: t + room, b: b + side },
    paper_bgcolor: getComputedStyle(document.querySelector(".stApp")).backgroundColor,
    title: {
      text: [...above.map((line) => `<b>${escaped(line)}</b>`), ...below.map(small)].join("<br>"),
      font: { ...font, size: ROOM.title },
      x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top",
      pad: { l: side, t: ROOM.top },
    },
  })
  return () => {
    Object.assign(figure.layout, { margin, paper_bgcolor, title: was })
    delete options.width
    delete options.height
  }
}

function onCamera(event) {
  const figure = event.target.closest?.(".modebar-btn")?.closest(".js-plotly-plot")
  if (figure?._context?.toImageButtonOptions?.caption) setTimeout(caption(figure))
}

// A figure answers a click by what the pointer was over before; a finger was over nothing, and its first tap would be lost.
function onPress(event) {
  if (event.pointerType === "mouse" || !event.target.closest?.(".js-plotly-plot")) return
  const { clientX, clientY } = event
  event.target.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX, clientY }))
}

const isDrawn = (chart) => chart.querySelector(".main-svg")
const waiting = () =>
  document.querySelector("[data-test-script-state='running']") ||
  document.querySelector(".stMainBlockContainer [data-testid='stSkeleton']") ||
  ![...document.querySelectorAll(".stPlotlyChart")].every(isDrawn)

const PATIENCE = 15000
async function whenDrawn() {
  for (const began = Date.now(); waiting() && Date.now() - began < PATIENCE; )
    await new Promise((next) => setTimeout(next, 100))
}

// On paper a figure stays as high as it is: measured there, made smaller by the style sheet, it would be drawn smaller
// again and again.
function pin(event) {
  for (const figure of document.querySelectorAll(".js-plotly-plot")) {
    const height = figure._fullLayout?.height
    const { style } = figure.closest(".stPlotlyChart")
    if (event.matches && height) style.setProperty("--at-height", `${height}px`)
    else style.removeProperty("--at-height")
  }
}

if (!window.atalayaFigures) {
  const print = window.print.bind(window)
  window.atalayaFigures = true
  window.addEventListener("click", onCamera, true)
  window.addEventListener("pointerdown", onPress, true)
  window.matchMedia("print").addEventListener("change", pin)
  window.print = () => whenDrawn().then(print)
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key?.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
      if (!waiting()) return
      event.preventDefault()
      event.stopImmediatePropagation()
      window.print()
    },
    true,
  )
}
