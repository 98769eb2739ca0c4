package main

import (
	"fmt"
	"strings"
)

// Report is what the documentation is made of.
type Report struct{ Results, Others, Lengths, Costs, Losses []*Result }

// Markdown is web/docs/scale.md.
func (r *Report) Markdown() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	holds := thousands(float64(r.Results[0].Holds))
	p("# Ten thousand holds on one homeserver\n")
	p("Written by `make scale`; do not edit. %s pages, each with a core, a seed and a hold of its own, share one homeserver in", holds)
	p("virtual time. It serves delayed events as Synapse does: what falls due while it is down goes out the moment it is")
	p("back, and every host then tells its page in the same tenth of a second. Joins are spread over about a minute. Counted")
	p("is every request that comes to the homeserver's door, also while it is down.\n")
	p("```\n%s\n```\n", Figure(r.Results))
	p("The line names the worst of the outages below: the busiest second since the homeserver is back, wherever it begins,")
	p("against the average before. A hold could have been kept if, by the last refresh that reached the homeserver, its")
	p("leave was due %g s or more after the return. `kept` and `lost` count the holds of all outages together.\n", graceMs/1000.0)
	p("![Requests a second over time, for five timeouts](scale.svg)\n")
	r.outages(p)
	r.others(p)
	r.lengths(p)
	r.costs(p)
	r.losses(p)
	return b.String()
}

func (r *Report) outages(p func(string, ...any)) {
	p("## Half a minute\n")
	p("*502*: a proxy answers for the homeserver. *refused*: connections fail at once. *silence*: nothing is answered. *held*:")
	p("requests wait and are all answered at the moment of the return. *cut*: they wait and all fail at that moment.\n")
	p("| timeout | outage | steady /s | busiest second: down | after | ratio | kept | doomed | lost | told, s | back, s |")
	p("|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, c := range r.Results {
		name := c.Outage.String()
		if !c.Watched {
			name += ", events not received"
		}
		told, again := "–", "–"
		if c.Kept < c.Holds {
			told, again = fmt.Sprintf("%.1f", c.Told), fmt.Sprintf("%.1f", c.Again)
		}
		p("| %g s | %s | %s | %s | %s | **%.2f** | %s | %s | %d | %s | %s |", c.TimeoutMs/1000, name, thousands(c.Steady),
			thousands(c.DownPeak), thousands(c.Peak), c.Ratio(), thousands(float64(c.Kept)), thousands(float64(c.Doomed)), c.Lost, told, again)
	}
	p("\n*doomed*: the leave fell due in the outage, or less than %g s after it. Such a hold is reported as `lost` with the first", graceMs/1000.0)
	p("answered refresh (*told*: the last of them, after the return) and armed anew at a random moment within one timeout, so")
	p("that not all of them come at once (*back*: when the last state was in the room again). The waves in the plot are the")
	p("holds' refreshes: what the outage has pushed together stays together for some minutes, below the line.\n")
}

func (r *Report) others(p func(string, ...any)) {
	p("## Other timeouts\n")
	p("Half a minute again, busiest second after the return in steady rates. The figure is not about these; what is above %d\nshows here.\n", maxRatio)
	head, line := "| timeout |", "|--:|"
	for _, o := range others {
		head += fmt.Sprintf(" %s |", o)
		line += "--:|"
	}
	p("%s kept (%s) | lost |\n%s--:|--:|", head, others[0], line)
	for i := 0; i < len(r.Others); i += len(others) {
		group := r.Others[i : i+len(others)]
		row, lost := fmt.Sprintf("| %g s |", group[0].TimeoutMs/1000), 0
		for _, c := range group {
			row += fmt.Sprintf(" %.2f |", c.Ratio())
			lost += c.Lost
		}
		p("%s %s | %d |", row, thousands(float64(group[0].Kept)), lost)
	}
	p("")
}

func (r *Report) lengths(p func(string, ...any)) {
	p("## Shorter and longer\n")
	p("Busiest second after the return, in steady rates:\n")
	head, line := "| timeout | outage |", "|--:|---|"
	for _, s := range lengths {
		head += fmt.Sprintf(" %g s |", s)
		line += "--:|"
	}
	p("%s\n%s", head, line)
	for i := 0; i < len(r.Lengths); i += len(lengths) {
		row := fmt.Sprintf("| %g s | %s |", r.Lengths[i].TimeoutMs/1000, r.Lengths[i].Outage)
		for _, c := range r.Lengths[i : i+len(lengths)] {
			row += fmt.Sprintf(" %.2f |", c.Ratio())
		}
		p("%s", row)
	}
	p("\nWhat is above 2 is a silence that is about as long as what short timeouts take for packet loss (10 s and a refresh")
	p("period): against loss a hold asks again after a third of a period, and all of them still do when the homeserver is back.")
	p("An error, also a bare one, ends that at once.\n")
}

func (r *Report) costs(p func(string, ...any)) {
	p("## What refresh intervals cost a homeserver\n")
	p("`refreshMs` is a quarter of the timeout unless it is given; each period is jittered into its last tenth.\n")
	p("| `timeoutMs` | `refreshMs` | requests /s, %s holds | per hold and hour | left after a hard kill within | sure to come through an outage of | holds of one user at Synapse's 1/s |",
		thousands(float64(r.Costs[0].Holds)))
	p("|--:|--:|--:|--:|--:|--:|--:|")
	for _, c := range r.Costs {
		through := (c.TimeoutMs - c.refreshMs() - graceMs) / 1000
		p("| %s | %s | %s | %s | %g s | %g s | %.0f |", thousands(c.TimeoutMs), thousands(c.refreshMs()), thousands(c.Steady),
			thousands(c.Steady/float64(c.Holds)*3600), c.TimeoutMs/1000, through, float64(int(c.everyMs()/1000)))
	}
	p("\nA refresh is one `restart` of a delayed event: no event is written, nobody is told. Joining costs three requests, an")
	p("update and a re-arm two and three. The last column is `rc_delayed_event_mgmt` as Synapse ships it; above it the holds")
	p("of a client take turns, those whose time runs out first.\n")
}

func (r *Report) losses(p func(string, ...any)) {
	p("## Packet loss\n")
	p("Five minutes in which requests and answers get lost, without an error:\n")
	p("| timeout | lost in each direction | requests that arrive /s, busiest second | holds whose leave never went out |")
	p("|--:|--:|--:|--:|")
	for _, c := range r.Losses {
		p("| %g s | %.0f %% | %s | %.2f %% |", c.TimeoutMs/1000, 100*c.Loss, thousands(c.DownPeak), 100*float64(c.Kept)/float64(c.Holds))
	}
}

// thousands writes a whole number as people read it.
func thousands(n float64) string {
	s := fmt.Sprintf("%.0f", n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
