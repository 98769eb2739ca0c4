package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// KeepStatus is how a keepAlive or a hold stands (design §5.3, §5.4).
type KeepStatus int32

const (
	// Starting: a hold's state is not in the room yet, or not verified.
	Starting KeepStatus = iota
	// Held: a hold's state is in the room and its leave is scheduled.
	Held
	// Alive: the last refresh of a keepAlive was acknowledged.
	Alive
	// AtRisk: a refresh was missed.
	AtRisk
	// MaybeExpired: the server may have sent the future, nothing was
	// acknowledged since.
	MaybeExpired
	// Lost: the server says that the future is gone. A hold arms a new one.
	Lost
	// Failed is final: the server refuses.
	Failed
	// Displaced is final: somebody else wrote the state.
	Displaced
	// Released is final: the leave is in the room.
	Released
	// Stopped is final: a keepAlive is not wanted any more.
	Stopped
)

// KeepStatuses names the statuses for the page, indexed by [KeepStatus].
func KeepStatuses() []string { return keepStatuses[:] }

var keepStatuses = [...]string{
	"starting", "held", "alive", "atRisk", "maybeExpired", "lost", "failed", "displaced", "released", "stopped",
}

// final reports whether nothing comes after the status.
func (s KeepStatus) final() bool { return s >= Failed }

// PageEvent is what happened to the page that a hold has to know.
type PageEvent int32

const (
	// PageHidden: pagehide. The page is about to be gone, perhaps for good.
	PageHidden PageEvent = iota
	// PageBack: pageshow from the back/forward cache.
	PageBack
	// PageAwake: visible, online or resumed again; timers may have stood still.
	PageAwake
)

// tell tells the page what has changed.
func (c *Client) tell(now session.Now, k *keeper) {
	err := k.err
	k.err = nil // its body is of the message being handled
	if h := k.hold; h != nil && (!h.started || h.end.wanted && !k.status.final()) {
		return // the page knows it by its call, or will
	}
	if !k.status.final() && !(k.status == Lost && k.hold == nil) {
		k.status = k.standing(now)
	}
	expires := 0.0
	if k.ticket != nil {
		expires = k.ticket.expires.Wall
	}
	say := telling{true, k.status, expires, k.told.code, k.told.http, k.told.errcode}
	if err != nil {
		say.code, say.http, say.errcode = err.Code, err.HTTPStatus, err.Errcode
	}
	if say == k.told {
		return
	}
	k.told = say
	fields := append(c.scratch[:0], protocol.Num(float64(k.status)).At(protocol.Status))
	if err != nil {
		fields = protocol.AppendError(fields, err)
	}
	fields = protocol.AppendNum(fields, protocol.TimeoutMs, k.timeoutMs)
	c.scratch = protocol.AppendNum(fields, protocol.ExpiresAt, expires)
	c.AddFields(session.Kept, k.call, c.scratch)
}

// standing is how the keeper stands, by what is known and by the clocks.
func (k *keeper) standing(now session.Now) KeepStatus {
	healthy := Alive
	if h := k.hold; h != nil {
		switch {
		case h.absent || k.ticket == nil && !h.unprotected:
			return Lost
		case h.unprotected:
			return Held
		}
		if healthy = Held; h.proof.given < h.proof.doubts && (k.status == Starting || k.status == Lost) {
			healthy = k.status // until a refresh has proved the leave
		}
	}
	switch {
	case k.ticket.mayHaveFired(now):
		return MaybeExpired
	case k.misses > 0:
		return AtRisk
	}
	return healthy
}
