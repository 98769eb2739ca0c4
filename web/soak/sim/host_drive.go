package sim

import (
	"slices"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
)

// rustPending is how many requests a Rust host has under way at most (wire.md §4.3).
const rustPending = 15

// answer is what the host says to a request.
type answer struct {
	reply    *reply
	why      *refusal // with message: of the homeserver
	message  string   // a refusal
	versions []string
	garbage  int // a row of garbage, from 1; 0: none
}

// garbage is what an answer can be that is none.
var garbage = []protocol.Value{
	{}, {Kind: protocol.Null}, protocol.Str("done"), protocol.Num(1), protocol.Bool(true), {Kind: protocol.Opaque, ID: 1},
}

// drive has the host's driver ask the homeserver.
func (h *host) drive(r *request, failure string, ask func(*request) (*reply, *refusal)) {
	seat, kind := h.seat(r.page), h.w.set.Host
	if kind == Rust {
		if seat.pending >= rustPending {
			h.w.tell("  the host drops %s: too much is pending", r)
			return
		}
		seat.pending++
	}
	began, over := h.w.now, false
	end := h.lives(func() {
		if !over {
			over = true
			seat.pending--
		}
	})
	finish := func(rep *reply, why *refusal) {
		end()
		if kind == Rust && h.w.now-began > 10000 {
			return
		}
		a := answer{reply: rep}
		if why != nil {
			a = answer{message: failure}
			if why.status != 0 && why.errcode != "" {
				a.why = why
			}
		}
		h.answer(r, h.spoil(a, failure))
	}
	for _, item := range h.w.faults {
		if item.Kind == Unexplain && !item.After && h.w.draws.chance(item.P) {
			h.w.after(10, h.lives(func() { end(); h.answer(r, answer{message: failure}) }))
			return
		}
	}
	if kind == Rust {
		h.w.after(10000, end)
	}
	alive := h.stillRuns()
	finished := false
	h.w.carry(hostToServer, r, func() {
		rep, why := ask(r)
		if why != nil && why.status == 0 && h.w.draws.chance(0.3) {
			h.w.tell("  the server does not even refuse %s", r)
			return // it hangs
		}
		h.w.slowly(func() {
			h.w.carry(serverToHost, about{"to ", r}, func() {
				if !finished && alive() { // an HTTP request has one answer, however often it arrived
					finished = true
					finish(rep, why)
				}
			})
		})
	})
}

// spoil makes of an answer what the host's faults make of it.
func (h *host) spoil(a answer, failure string) answer {
	for _, item := range h.w.faults {
		switch {
		case item.Kind == Unexplain && item.After && h.w.draws.chance(item.P):
			return answer{message: failure}
		case item.Kind == Garble && h.w.draws.chance(item.P):
			return answer{garbage: 1 + h.w.draws.below(len(garbage))}
		}
	}
	return a
}

// answer sends an answer to the page.
func (h *host) answer(r *request, a answer) {
	if h.down > 0 {
		return
	}
	h.w.carry(hostToPage, about{"answer to ", r}, func() { r.page.answered(r, &a) })
}

// echo tells the page of events of the room, as far as the host approved it.
func (h *host) echo(events []*roomEvent, whole bool) {
	p := h.w.page
	if p == nil || h.down > 0 || !h.w.set.Watched || h.w.set.NeverTold || !slices.ContainsFunc(h.seat(p).approved, func(c string) bool {
		return strings.HasPrefix(c, protocol.CapReceiveState)
	}) {
		return
	}
	late := h.w.draws.between(5, 300)
	for _, item := range h.w.faults {
		switch {
		case item.Kind == Mute && h.w.draws.chance(item.P):
			h.w.tell("  the host does not tell of %s", events[0].id)
			return
		case item.Kind == Late:
			late += item.Amount * h.w.draws.unit()
		}
	}
	// Events come in the order in which the server has them.
	h.told = max(h.told, h.w.now+late)
	h.w.settled = max(h.w.settled, h.told)
	h.w.at(h.told, h.lives(func() {
		h.w.carry(hostToPage, note("event "+events[0].id), func() { p.heard(events, whole) })
	}))
}
