package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// pending is a call of the page that was read and found in order.
type pending struct {
	kind       CallKind
	call       int32
	owner      int32 // the keeper that asks; then it is no call of the page
	about      int32 // the keeper of the future that a verb of the page is about
	attempt    int32 // number of a hold's own schedule or state
	deadlineMs float64
	future     protocol.Future // of SendFuture; its Event of SendEvent
	verb       verb
	action     protocol.Value // of Request
	payload    protocol.Value
	fields     []protocol.Field // the data of one of the typed actions
	gone       bool             // given up while it waited in the gate
}

// wait puts a call into the gate.
func (c *Client) wait(now session.Now, p *pending) {
	if len(c.gate)-c.gateGone >= session.MaxWaiting {
		c.fail(now, p, protocol.NewError(protocol.CodeBusy, "too many calls are waiting"))
		return
	}
	waiting := *p // p itself need not live on the heap
	c.gate = append(c.gate, &waiting)
	if p.owner == 0 {
		if c.gateCalls == nil {
			c.gateCalls = map[int32]*pending{}
		}
		c.gateCalls[p.call] = &waiting
	}
}

// abortGate only marks the call, until half of what is there is marked: many
// may be given up one after the other.
func (c *Client) abortGate(call int32) bool {
	p := c.gateCalls[call]
	if p == nil {
		return false
	}
	delete(c.gateCalls, call)
	p.gone = true
	c.gateGone++
	if 2*c.gateGone > len(c.gate) {
		c.sift(func(p *pending) bool { return p.gone })
	}
	return true
}

// sift takes out of the gate what is done with, and what is gone.
func (c *Client) sift(done func(p *pending) bool) {
	// What is tried may, as a probe that cannot be posted does, settle others.
	waiting := c.gate
	c.gate = nil
	kept := waiting[:0]
	for _, p := range waiting {
		switch {
		case p.gone:
		case !done(p):
			kept = append(kept, p)
		case p.owner == 0:
			delete(c.gateCalls, p.call)
		}
	}
	clear(waiting[len(kept):])
	c.gate, c.gateGone = kept, 0
}

// signs are what a call in the gate waits for: while none of them changes there
// is nothing to try again, and there may be thousands.
type signs struct {
	status          session.Status
	revision        int
	versions, known bool
	proving, proved bool
}

// openGate lets through what may go now.
func (c *Client) openGate(now session.Now) {
	_, versions := c.Versions()
	_, known := c.Grants()
	signs := signs{c.Status(), c.Revision(), versions, known, c.probe.running, c.probe.known}
	if len(c.gate) > 0 && signs.status != session.Negotiating && (signs != c.signs || c.probe.ended || c.refused) {
		c.tryAll(now)
	}
	c.signs, c.probe.ended = signs, false
}

// tryAll is on its own: TinyGo allocates what a closure holds where the
// function around it begins, and openGate is part of every input.
func (c *Client) tryAll(now session.Now) {
	c.sift(func(p *pending) bool { return c.try(now, p) })
}

// advance ends an input that may have opened the gate.
func (c *Client) advance(now session.Now) {
	c.openGate(now)
	c.rest(now)
}

// rest ends an input of the page, which opens no gate: there may be thousands.
func (c *Client) rest(now session.Now) {
	if c.probe.ended { // it could not be posted
		c.openGate(now)
	}
	c.keep(now)
	c.Pump(now)
}

// try carries a call out or settles it; false means that it has to wait.
func (c *Client) try(now session.Now, p *pending) bool {
	switch {
	case p.owner > 0 && p.owner != nobody && c.keeper(p.owner) == nil:
		return true // nobody wants it any more
	case c.Status() == session.Closed:
		c.fail(now, p, session.ClosedError())
		return true
	case p.verb.url != "": // a token needs no host
		c.postToken(now, p)
		return true
	case c.Status() == session.Negotiating && !c.eager(p):
		return false
	}
	switch p.kind {
	case SendFuture:
		return c.trySchedule(now, p)
	case SendEvent:
		missing := c.missing(&p.future.Event)
		if grants, known := c.Grants(); known && p.future.StickyMs != 0 && !grants.Has(protocol.CapSendSticky) {
			missing = append(missing, protocol.CapSendSticky)
		}
		if missing != nil {
			c.fail(now, p, capabilityError(protocol.ActSendEvent, missing))
			return true
		}
		c.scratch = protocol.AppendEvent(c.scratch[:0], &p.future.Event)
		c.request(now, p, kindEvent, protocol.ActSendEvent.Value(), session.Note{A: p.attempt, B: p.noteOwner()})
	case Request:
		c.scratch = c.scratch[:0]
		if p.payload.Kind == protocol.Opaque {
			c.scratch = append(c.scratch, p.payload.At(protocol.Data))
		}
		c.request(now, p, kindRequest, p.action, session.Note{})
	default:
		if p.kind >= FirstAction {
			return c.tryAction(now, p)
		}
		c.tryUpdate(now, p)
	}
	return true
}

// request posts what scratch holds for the call.
func (c *Client) request(now session.Now, p *pending, kind session.Kind, action protocol.Value, note session.Note) {
	r := session.Request{
		Kind: kind, Call: p.call, Action: action, Fields: c.scratch,
		DeadlineMs: p.deadlineMs, Note: note,
		Late: kind == kindFuture || kind < kindRequest && p.owner > 0, Repeats: kind == kindFuture,
		Urgent: p.owner > 0, Last: c.hiding && p.owner == nobody, Eager: c.eager(p),
	}
	if err := c.Session.Request(now, &r); err != nil {
		c.fail(now, p, err)
	}
}

// eager reports whether a call needs no negotiation: the page's raw requests,
// where it wants it so.
func (c *Client) eager(p *pending) bool { return p.kind == Request && c.cfg.Session.Eager }

// fail ends a call that was not posted, or a keeper's request.
func (c *Client) fail(now session.Now, p *pending, err *protocol.Error) {
	switch {
	case p.owner == 0:
		if k := c.keeper(p.about); k != nil {
			c.pageVerb(now, k, p.verb, now, err)
		}
		c.Fail(p.call, err)
	case p.owner == nobody:
	case p.kind == SendFuture:
		c.scheduleFailed(now, p.attempt, session.Now{}, err, false)
	case p.kind == SendEvent:
		c.stateEnded(now, c.keeper(p.owner), p.attempt, session.Now{}, "", err, false)
	default:
		c.verbEnded(now, 0, p.owner, p.verb, now, err)
	}
}

// noteOwner is how an answer finds the keeper that it matters to.
func (p *pending) noteOwner() int32 {
	if p.owner > 0 {
		return p.owner
	}
	return -p.about
}

// missing lists what the host is known not to have approved for an event; nil
// when nothing is, or when the host does not tell.
func (c *Client) missing(e *protocol.Event) []string {
	grants, known := c.Grants()
	if !known {
		return nil
	}
	if c.revision != c.Revision() || len(c.allowed) > 256 {
		c.revision = c.Revision()
		clear(c.allowed)
		c.lastAllowed = [4]int32{}
	}
	key := [4]int32{e.Type.ID, e.StateKey.ID, e.Msgtype.ID, e.RoomID.ID}
	cacheable := e.Type.ID != 0 && (e.RoomID.ID != 0 || e.RoomID.Kind == protocol.Absent) &&
		(e.Msgtype.ID != 0 || e.Msgtype.Str == "")
	switch {
	case e.StateKey.Kind == protocol.Absent:
		key[1] = -1
	case e.StateKey.ID == 0 && e.StateKey.Str != "":
		cacheable = false
	}
	if cacheable {
		if c.lastAllowed == key {
			return nil
		}
		if _, ok := c.allowed[key]; ok {
			c.lastAllowed = key
			return nil
		}
	}
	missing := e.Missing(grants, c.Renegotiates())
	if missing == nil && cacheable {
		c.allowed[key] = struct{}{}
	}
	return missing
}

func capabilityError(action protocol.Name, missing []string) *protocol.Error {
	return &protocol.Error{
		Code: protocol.CodeCapability, Action: action.String(), Missing: missing,
		Message: "the host has not approved " + missing[0],
		Hint:    "pass the capability to connect, or ask for it with requestCapabilities",
	}
}
