package sim

import (
	"slices"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
)

// host stands between page and homeserver.
type host struct {
	w     *world
	down  int
	epoch int // grows with every stop: what was under way is lost
	seats map[*page]*seat
	told  float64 // when the last event told of goes out
}

// seat is the host's side of one life of the page.
type seat struct {
	approved []string
	asked    bool
	pending  int // requests to the driver
	refusing bool
}

func newHost(w *world) *host { return &host{w: w, seats: map[*page]*seat{}} }

func (h *host) seat(p *page) *seat {
	s := h.seats[p]
	if s == nil {
		s = &seat{}
		h.seats[p] = s
	}
	return s
}

// stillRuns tells later whether the host has not stopped since.
func (h *host) stillRuns() func() bool {
	epoch := h.epoch
	return func() bool { return h.epoch == epoch }
}

// lives does something later, unless the host has stopped by then.
func (h *host) lives(do func()) func() {
	runs := h.stillRuns()
	return func() {
		if runs() {
			do()
		}
	}
}

// receive takes a request of the page.
func (h *host) receive(r *request) {
	if h.down > 0 {
		return
	}
	seat := h.seat(r.page)
	kind := h.w.set.Host
	switch r.action {
	case protocol.ActSupportedVersions.String():
		h.answer(r, answer{versions: h.versions()})
	case protocol.ActContentLoaded.String():
		h.answer(r, answer{reply: &reply{}})
		if !seat.asked {
			seat.asked = true
			h.w.carry(hostToPage, note("capabilities?"), func() { r.page.askedCapabilities() })
		}
	case protocol.ActRequestCapabilities.String():
		if kind == Rust {
			h.answer(r, answer{message: "unknown variant `org.matrix.msc2974.request_capabilities`"})
			return
		}
		h.answer(r, answer{reply: &reply{}})
		h.approve(r.page, r.list)
	case protocol.ActSendEvent.String():
		h.sendEvent(r, seat)
	default:
		h.other(r, seat)
	}
}

func (h *host) versions() []string {
	list := []string{"0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2762_update_state", protocol.VersionNotify}
	if h.w.set.Host != Rust {
		list = append(list, protocol.VersionRenegotiate)
	}
	return list
}

// capabilities takes what the page wants.
func (h *host) capabilities(p *page, list []string) {
	if h.down == 0 {
		h.approve(p, list)
	}
}

// approve asks a person, and tells the page.
func (h *host) approve(p *page, list []string) {
	seat := h.seat(p)
	for _, c := range list {
		if h.allows(seat, c) && !slices.Contains(seat.approved, c) {
			seat.approved = append(seat.approved, c)
		}
	}
	approved := slices.Clone(seat.approved)
	h.w.after(h.w.draws.between(5, 800), h.lives(func() { h.notify(p, list, approved) }))
}

func (h *host) notify(p *page, requested, approved []string) {
	h.w.carry(hostToPage, note("notify_capabilities"), func() {
		p.notified(requested, approved)
	})
	if state := h.w.server.standing(); len(state) > 0 {
		h.echo(state, true)
	}
}

// allows is the host's policy: its generation's capabilities and no others.
func (h *host) allows(seat *seat, c string) bool {
	kind := h.w.set.Host
	delayed := strings.HasPrefix(c, "org.matrix.msc4157.")
	switch {
	case delayed && seat.refusing:
		return false
	case kind.AtOnce():
		return true
	case c == protocol.CapUpdateDelayedDotted:
		return kind == Dotted
	case c == protocol.CapUpdateDelayed:
		return kind == Modern || kind == Rust || kind == Turncoat
	case delayed:
		return kind == Modern || kind == Rust || kind == Turncoat || kind == Dotted
	case strings.HasPrefix(c, protocol.CapReceiveState):
		return h.w.set.Watched
	case strings.HasPrefix(c, protocol.CapTimeline):
		return kind != Rust
	}
	return true
}

// revoke takes the futures back.
func (h *host) revoke(p *page) {
	seat := h.seat(p)
	seat.refusing = true
	seat.approved = slices.DeleteFunc(seat.approved, func(c string) bool {
		return strings.HasPrefix(c, "org.matrix.msc4157.")
	})
	h.notify(p, nil, slices.Clone(seat.approved))
}

// knows reports whether the host asks its driver for a future when it sees the
// request's members.
func (h *host) knows(r *request) bool {
	switch h.w.set.Host {
	case Modern, Dotted, Rust:
		return r.delayAt == protocol.DataDelay
	case Draft:
		return r.delayAt == protocol.DataTimeout
	case Prefixed:
		return r.delayAt == protocol.DataFutureTimeout
	}
	return false
}

func (h *host) sendEvent(r *request, seat *seat) {
	kind := h.w.set.Host
	if kind == Rust && seat.approved == nil {
		return // before the negotiation it says nothing
	}
	if h.knows(r) && (kind == Modern || kind == Dotted || kind == Rust) && !slices.Contains(seat.approved, protocol.CapSendDelayed) {
		h.answer(r, answer{message: "Missing capability for " + protocol.CapSendDelayed})
		return
	}
	if h.knows(r) {
		h.drive(r, "Error sending event", h.w.server.schedule)
		return
	}
	if r.delayAt != protocol.NoPath {
		h.w.early(r)
	}
	h.drive(r, "Error sending event", h.w.server.send)
}

// other is the update action of the host's generation, or unknown.
func (h *host) other(r *request, seat *seat) {
	kind := h.w.set.Host
	name, capability := protocol.ActUpdateDelayed.String(), protocol.CapUpdateDelayed
	if kind == Dotted {
		name, capability = protocol.ActUpdateDelayedDotted.String(), protocol.CapUpdateDelayedDotted
	}
	knows := kind == Modern || kind == Dotted || kind == Rust || kind == Turncoat
	switch {
	case kind == Yes:
		h.answer(r, answer{reply: &reply{}})
	case !knows || r.action != name:
		if kind == Rust {
			h.answer(r, answer{message: "unknown variant `" + r.action + "`, expected one of `send_event`"})
			return
		}
		h.answer(r, answer{message: "Unknown or unsupported action: " + r.action})
	case kind != Rust && r.id == "":
		h.answer(r, answer{message: "Invalid request - missing delay_id"})
	case !slices.Contains(seat.approved, capability):
		h.answer(r, answer{message: "Missing capability"})
	default:
		h.drive(r, "Error updating delayed event", h.w.server.update)
	}
}

// standing lists the state of the room.
func (s *server) standing() []*roomEvent {
	var list []*roomEvent
	for _, key := range stateKeys {
		if e := s.room[key]; e != nil {
			list = append(list, e)
		}
	}
	return list
}

// stop loses what the host was doing.
func (h *host) stop() {
	h.down++
	h.epoch++
	for _, seat := range h.seats {
		seat.pending = 0
	}
}

// start: the host is back, and tells the state of the room anew.
func (h *host) start() {
	if h.down--; h.down == 0 {
		if state := h.w.server.standing(); len(state) > 0 {
			h.echo(state, true)
		}
	}
}
