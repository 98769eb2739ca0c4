package main

import (
	"fmt"
	"math"
	"strings"
)

// A panel's place and what it shows: seconds from the return.
const (
	panelWidth, panelHeight = 400, 210
	left, right, top, under = 56, 12, 30, 38
	fromS, toS              = -70, 90
)

// plotted are the kinds of outage that are drawn; the others look like these.
var plotted = []Outage{Gateway, Silent, Held}

// Plot draws the requests a second of each timeout as a small SVG that reads in
// light and in dark.
func Plot(results []*Result) string {
	var panels [][]*Result
	for _, r := range results {
		if n := len(panels); r.Watched {
			if n == 0 || panels[n-1][0].TimeoutMs != r.TimeoutMs {
				panels = append(panels, nil)
				n++
			}
			panels[n-1] = append(panels[n-1], r)
		}
	}
	var b strings.Builder
	w, h := 2*panelWidth, (len(panels)+2)/2*panelHeight
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="Requests a second before, during and after an outage of 30 s">
<style>
text{font:11px system-ui,sans-serif;fill:#333}.t{font-weight:600}.a{stroke:#777;fill:none}.g{stroke:#ddd;fill:none}.d{fill:#8883}
.m{stroke:#777;stroke-dasharray:4 3;fill:none}.l{fill:none;stroke-width:1.4;stroke-linejoin:round}.k0{stroke:#1f6fb4}.k2{stroke:#c4520a}.k3{stroke:#2c8a3f}
@media(prefers-color-scheme:dark){text{fill:#ddd}.a{stroke:#999}.g{stroke:#444}.m{stroke:#aaa}.k0{stroke:#6db3f2}.k2{stroke:#f79a5b}.k3{stroke:#71d184}}
</style>
`, w, h, w, h)
	for i, panel := range panels {
		fmt.Fprintf(&b, "<g transform=\"translate(%d %d)\">\n", i%2*panelWidth, i/2*panelHeight)
		drawPanel(&b, panel)
		b.WriteString("</g>\n")
	}
	x, y := len(panels)%2*panelWidth+left, len(panels)/2*panelHeight+top+20
	for i, o := range plotted {
		fmt.Fprintf(&b, "<path class=\"l k%d\" d=\"M%d %dh24\"/><text x=\"%d\" y=\"%d\">%s</text>\n", int(o), x, y+18*i, x+32, y+18*i+4, o)
	}
	y += 18 * len(plotted)
	fmt.Fprintf(&b, "<path class=\"m\" d=\"M%d %dh24\"/><text x=\"%d\" y=\"%d\">twice the steady rate</text>\n", x, y, x+32, y+4)
	fmt.Fprintf(&b, "<rect class=\"d\" x=\"%d\" y=\"%d\" width=\"24\" height=\"12\"/><text x=\"%d\" y=\"%d\">the homeserver is down</text>\n</svg>\n", x, y+12, x+32, y+22)
	return b.String()
}

func drawPanel(b *strings.Builder, panel []*Result) {
	first := panel[0]
	most := maxRatio * first.Steady
	for _, r := range panel {
		most = math.Max(most, math.Max(r.DownPeak, r.Peak))
	}
	step := niceStep(most / 4)
	most = step * math.Ceil(most/step)
	const x0, x1, y0, y1 = left, panelWidth - right, panelHeight - under, top
	px := func(s float64) float64 { return x0 + (s-fromS)/(toS-fromS)*(x1-x0) }
	py := func(n float64) float64 { return y0 - n/most*(y0-y1) }
	fmt.Fprintf(b, "<text class=\"t\" x=\"%d\" y=\"16\">%s holds, timeout %g s</text>\n", x0, thousands(float64(first.Holds)), first.TimeoutMs/1000)
	fmt.Fprintf(b, "<rect class=\"d\" x=\"%.0f\" y=\"%d\" width=\"%.0f\" height=\"%d\"/>\n", px(-first.OutageMs/1000), y1, px(0)-px(-first.OutageMs/1000), y0-y1)
	for n := 0.0; n <= most; n += step {
		fmt.Fprintf(b, "<path class=\"g\" d=\"M%d %.0fH%d\"/><text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%s</text>\n", x0, py(n), x1, x0-5, py(n)+4, thousands(n))
	}
	for s := -60.0; s <= toS; s += 30 {
		fmt.Fprintf(b, "<path class=\"a\" d=\"M%.0f %dv4\"/><text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\">%g</text>\n", px(s), y0, px(s), y0+15, s)
	}
	fmt.Fprintf(b, "<path class=\"a\" d=\"M%d %dV%dH%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"end\">seconds since it is back</text>\n", x0, y1, y0, x1, x1, y0+30)
	fmt.Fprintf(b, "<text transform=\"translate(12 %d) rotate(-90)\" text-anchor=\"middle\">requests / s</text>\n", (y0+y1)/2)
	fmt.Fprintf(b, "<path class=\"m\" d=\"M%d %.0fH%d\"/>\n", x0, py(maxRatio*first.Steady), x1)
	for _, o := range plotted {
		for _, r := range panel {
			if r.Outage == o {
				fmt.Fprintf(b, "<path class=\"l k%d\" d=\"%s\"/>\n", int(o), curve(r, px, py))
			}
		}
	}
}

// curve joins the seconds of a result.
func curve(r *Result, px, py func(float64) float64) string {
	var b strings.Builder
	back := int(r.backAt() / 1000)
	letter := byte('M')
	for s := fromS; s < toS; s++ {
		if i := back + s; i >= 0 && i < len(r.Seconds) {
			fmt.Fprintf(&b, "%c%.0f %.1f", letter, px(float64(s)+0.5), py(float64(r.Seconds[i])))
			letter = 'L'
		}
	}
	return b.String()
}

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(n float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(n)))
	for _, m := range []float64{1, 2, 5} {
		if n <= m*p {
			return m * p
		}
	}
	return 10 * p
}
