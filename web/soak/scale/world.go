package main

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
	"github.com/widget-futures/widget-futures/web/soak/queue"
)

// world is a case under way.
type world struct {
	set    *Case
	now    float64 // ms
	queue  queue.Queue[event]
	draws  draws
	pages  []*page
	server homeserver
	inbox  []protocol.Field
	lossy  bool
	spare  []*request // to be used again

	fired      int // leaves that went out
	early      int // of these, before the outage
	avoidable  int // of these, that were due after it
	unreported int // losses that the first answer did not report
}

func (w *world) at(t float64, e event) {
	w.queue.Add(math.Max(t, w.now), e)
}

func (w *world) after(ms float64, e event) { w.at(w.now+ms, e) }

func (w *world) request() *request {
	if last := len(w.spare) - 1; last >= 0 {
		r := w.spare[last]
		w.spare = w.spare[:last]
		*r = request{}
		return r
	}
	return &request{}
}

func (w *world) free(r *request) { w.spare = append(w.spare, r) }

// lost draws whether a message between host and homeserver gets lost.
func (w *world) lost() bool { return w.lossy && w.draws.unit() < w.set.Loss }

// leaveFired judges a leave that goes out by itself. By the last refresh that
// reached the homeserver it was due at a certain moment: within the outage, then
// nobody could have kept it; after it, then somebody could.
func (w *world) leaveFired(d *delayed) {
	w.fired++
	d.page.fired++
	switch {
	case w.set.OutageMs == 0 || d.due < w.set.downAt():
		w.early++
	case d.due > w.set.backAt()+graceMs:
		w.avoidable++
	}
}

// graceMs is what a hold needs to find the homeserver back: who asks at the last
// moment asks so long before the leave is due, to be there in time.
const graceMs = 2000

// Run lets a case happen and measures it.
func Run(c *Case) *Result {
	w := &world{set: c, draws: draws{state: c.Seed * 0x9e3779b97f4a7c15}}
	w.server = homeserver{w: w, delayed: make([]delayed, 1, 2*c.Holds)}
	for range c.Holds {
		p := &page{w: w}
		w.pages = append(w.pages, p)
		w.at(w.draws.unit()*c.aboutAMinute(), event{kind: join, page: p})
	}
	if c.OutageMs > 0 {
		w.at(c.downAt(), event{kind: goDown})
		w.at(c.backAt(), event{kind: comeBack})
	}
	for {
		at, ok := w.queue.Next()
		if !ok || at >= c.endAt() {
			break
		}
		_, e := w.queue.Take()
		w.now = at
		w.happen(&e)
	}
	return w.result()
}

func (w *world) happen(e *event) {
	p := e.page
	switch e.kind {
	case join:
		p.open()
	case message:
		p.told(protocol.Name(e.arg))
	case tick:
		if e.arg == p.timer {
			p.input(p.client.Tick)
		}
	case arrive:
		w.server.arrive(e.req)
	case answer:
		p.answered(e.req)
		w.free(e.req)
	case due:
		w.server.timer(e.arg)
	case tell:
		if p.steady { // else the border does not look
			m := w.heardFields(e.arg)
			p.input(func(now session.Now) { p.client.Receive(now, m) })
		}
	case goDown:
		if w.lossy = w.set.Outage == Lossy; !w.lossy {
			w.server.down = true
		}
	case comeBack:
		w.lossy = false
		w.server.back()
	}
}

// unwell counts the holds that are not as they should be: held, in the room,
// with a leave that waits.
func (w *world) unwell() (n int) {
	for _, p := range w.pages {
		if p.failed != "" || !p.settled || p.status != future.Held || !p.inRoom || p.leaves == 0 {
			n++
		}
	}
	return n
}
