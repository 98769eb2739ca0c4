package sim

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol/session"
)

// device is what page and host run on: its clocks and its sleep.
type device struct {
	w        *world
	asleep   int
	began    float64 // of the sleep
	lost     float64 // by which the monotonic clock is behind
	steps    float64 // of the wall clock, summed
	throttle int
	backlog  []func() // what arrived in sleep
}

// epoch is the wall clock at the world's beginning: 2026-01-01.
const epoch = 1767225600000

// clock reads the page's two clocks.
func (d *device) clock(p *page) session.Now {
	return session.Now{Mono: d.mono() - p.monoAt + 40, Wall: epoch + d.w.now + d.steps}
}

// mono is a clock of the device that stands still where the plan says so.
func (d *device) mono() float64 {
	m := d.w.now - d.lost
	if d.asleep > 0 && d.w.set.MonoStops {
		m -= d.w.now - d.began
	}
	return m
}

// awake does something now, or when the device wakes up.
func (d *device) awake(do func()) {
	if d.asleep > 0 {
		d.backlog = append(d.backlog, do)
		return
	}
	do()
}

func (d *device) sleep() {
	if d.asleep++; d.asleep == 1 {
		d.began = d.w.now
	}
}

// wake ends the sleep: what has arrived is handed over, and the page learns of
// it before that, after it, or not at all.
func (d *device) wake(announce int) {
	if d.asleep--; d.asleep > 0 {
		return
	}
	if d.w.set.MonoStops {
		d.lost += d.w.now - d.began
	}
	backlog := d.backlog
	d.backlog = nil
	p := d.w.page
	if p != nil && announce == 0 {
		p.wakeUp()
	}
	gap := 0.0
	for _, do := range backlog {
		gap += d.w.draws.between(0, 3)
		d.w.after(gap, func() { d.awake(do) })
	}
	if p != nil && announce == 1 {
		d.w.after(gap+d.w.draws.between(0, 500), p.wakeUp)
	}
	if p != nil {
		p.planTick()
	}
}

// timerAt says when a timer of the page that is due after ms really runs: a
// little late, and once a minute where the browser slows it.
func (d *device) timerAt(ms float64) float64 {
	at := d.w.now + math.Max(ms, 0) + d.w.draws.between(0, 4)
	if d.throttle > 0 {
		at = math.Ceil(at/60000) * 60000
	}
	return at
}
