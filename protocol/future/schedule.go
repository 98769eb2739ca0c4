package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// trySchedule is the gate of futures: it lets a request out only where the host
// is proved to schedule it (design §5.2).
func (c *Client) trySchedule(now session.Now, p *pending) bool {
	if c.Status() != session.Ready {
		// Failed: the session says why.
		c.request(now, p, kindFuture, protocol.ActSendEvent.Value(), session.Note{B: p.owner})
		return true
	}
	if _, known := c.Versions(); !known {
		return false
	}
	grants, _ := c.Grants()
	dialect := c.cfg.Session.Dialect.Resolve(grants)
	if err := c.refuse(&p.future, dialect); err != nil {
		err.Action = protocol.ActSendEvent.String()
		c.fail(now, p, err)
		return true
	}
	if row := dialect.Info(); row.Update != protocol.NoName && !(c.probe.known && c.probe.action == row.Update) {
		if c.probe.ended {
			c.fail(now, p, c.probe.refusal())
			return true
		}
		c.startProbe(now, row.Update)
		return false
	}
	c.scratch = protocol.AppendFuture(c.scratch[:0], &p.future, dialect)
	c.request(now, p, kindFuture, protocol.ActSendEvent.Value(),
		session.Note{Num: p.future.TimeoutMs, A: int32(dialect) | p.attempt<<4, B: p.owner})
	if k := c.keeper(p.owner); k != nil && k.hold.startDue == 0 {
		k.hold.startDue = now.Mono + k.hold.deadlineMs
	}
	return true
}

// refuse says why the future must not be posted to this host; nil if it may.
func (c *Client) refuse(f *protocol.Future, dialect protocol.Dialect) *protocol.Error {
	if c.refused {
		return refusedHost()
	}
	if err := f.Fits(dialect); err != nil {
		return err
	}
	if f.RoomID.Kind == protocol.Absent && c.Renegotiates() {
		// Such hosts take the room the user happens to view (wire.md §4.1).
		return protocol.Invalid(protocol.RoomID, "a future needs a room: pass it here or to connect")
	}
	grants, known := c.Grants()
	row := dialect.Info()
	if !known {
		if row.Schedule == "" {
			return nil // a token dialect: the page vouches for the host
		}
		return protocol.Unsupported("the host does not say what it has approved: it may not know futures")
	}
	missing := c.missing(&f.Event)
	for _, need := range [...]string{row.Schedule, row.Manage} {
		if need != "" && !grants.Has(need) {
			missing = append(missing, need)
		}
	}
	if missing != nil {
		return capabilityError(protocol.ActSendEvent, missing)
	}
	if f.StickyMs != 0 && !grants.Has(protocol.CapSendSticky) {
		e := protocol.Unsupported("stickyDurationMs: the host has not approved " + protocol.CapSendSticky)
		e.Missing = []string{protocol.CapSendSticky}
		return e
	}
	return nil
}

func refusedHost() *protocol.Error {
	return protocol.Unsupported("this host sent an earlier future at once: it is asked for no more")
}

// noteDialect is the dialect that a schedule was asked for in; the number of
// a keeper's attempt stands above it.
func noteDialect(n session.Note) protocol.Dialect { return protocol.Dialect(n.A & 15) }

// eventAnswered settles a plain event, of the page or of a hold.
func (c *Client) eventAnswered(now session.Now, a *session.Answer) {
	err := a.Err
	var receipt protocol.Receipt
	if err == nil {
		if receipt, err = protocol.ParseReceipt(a.Message); err == nil && receipt.EventID.Kind == protocol.Absent {
			err = protocol.BadResponse(protocol.RespEventID, "is missing")
		}
		room := roomOf(a, &receipt)
		if err == nil && room.Kind == protocol.Absent {
			err = protocol.BadResponse(protocol.RespRoomID, "is missing")
		}
		if err != nil {
			err = about(a, err)
		} else if a.Note.B == 0 {
			c.scratch = protocol.Append(c.scratch[:0], protocol.RoomID, &room)
			c.scratch = protocol.Append(c.scratch, protocol.EventID, &receipt.EventID)
			c.AddFields(session.Settle, a.Call, c.scratch)
			return
		}
	}
	if a.Note.B == 0 {
		c.Fail(a.Call, err)
		return
	}
	c.stateEnded(now, c.keeper(a.Note.B), a.Note.A, a.Posted, receipt.EventID.Str, err, a.IsLate)
}

// roomOf is the room an event went to: what the host says, else what was asked.
func roomOf(a *session.Answer, r *protocol.Receipt) protocol.Value {
	if r.RoomID.Kind != protocol.Absent {
		return r.RoomID
	}
	return protocol.Get(a.Fields, protocol.DataRoomID)
}

// futureAnswered decides by the receipt, and by nothing else, what happened.
func (c *Client) futureAnswered(now session.Now, a *session.Answer) {
	err := a.Err
	if err == nil {
		var receipt protocol.Receipt
		receipt, err = protocol.ParseReceipt(a.Message)
		switch {
		case receipt.Scheduled():
			// Also beside a member that cannot be read: what can be used is worth more.
			t := ticketOf(a, &receipt)
			if c.taken(a, &t) {
				return
			}
			if a.Note.B > 0 {
				c.leaveScheduled(now, a.Note.A>>4, &t, a.Fields)
			} else {
				c.scheduled(a, &t)
			}
			return
		case receipt.EventID.Kind != protocol.Absent:
			err = c.sentImmediately(now, a, &receipt)
		case err == nil:
			err = protocol.BadResponse(protocol.Response, "has neither delay_id, a token nor event_id")
		}
		err = about(a, err)
	}
	if a.Note.B > 0 {
		c.scheduleFailed(now, a.Note.A>>4, a.Posted, err, a.IsLate)
	} else if !a.IsLate {
		c.Fail(a.Call, err)
	}
}

// taken remembers which future each request brought, and reports whether this
// one came before: a second receipt with another id is another future.
func (c *Client) taken(a *session.Answer, t *ticket) bool {
	id := t.delayID
	if id == "" {
		id = t.sendToken
	}
	for i := range c.receipts {
		if c.receipts[i].serial == a.Serial && c.receipts[i].id == id {
			return true
		}
	}
	c.receipts[c.lastReceipt%len(c.receipts)] = receiptID{a.Serial, id}
	c.lastReceipt++
	return false
}

// receiptID is the future that a request brought.
type receiptID struct {
	serial int32
	id     string
}

// scheduled hands the page its future: by the call, or as an orphan.
func (c *Client) scheduled(a *session.Answer, t *ticket) {
	fields := t.append(c.scratch[:0])
	op := session.Settle
	if a.IsLate {
		op = session.Orphaned
		fields = appendEvent(fields, a)
	}
	c.scratch = fields
	c.AddFields(op, a.Call, fields)
}

// sentImmediately tells the page twice, by the call and by an event: the worst
// that can happen to a last will must not be lost in a catch.
func (c *Client) sentImmediately(now session.Now, a *session.Answer, r *protocol.Receipt) *protocol.Error {
	c.refused = true
	room := roomOf(a, r)
	fields := protocol.Append(c.scratch[:0], protocol.EventID, &r.EventID)
	fields = protocol.Append(fields, protocol.RoomID, &room)
	fields = appendEvent(fields, a)
	c.scratch = fields
	c.AddFields(session.SentImmediately, 0, fields)
	for { // those behind it would go out at once too
		waiting, ok := c.Session.Withdraw(kindFuture, 0)
		if !ok {
			break
		}
		err := refusedHost()
		err.Action = waiting.Action.Str
		if waiting.Note.B > 0 {
			c.scheduleFailed(now, waiting.Note.A>>4, session.Now{}, err, false)
		} else {
			c.Fail(waiting.Call, err)
		}
	}
	return &protocol.Error{
		Code: protocol.CodeSentImmediately, EventID: r.EventID, RoomID: room,
		Message: "the host ignored the timeout and sent the event at once",
	}
}

// appendEvent appends which event it was.
func appendEvent(fields []protocol.Field, a *session.Answer) []protocol.Field {
	eventType := protocol.Get(a.Fields, protocol.DataType)
	key := protocol.Get(a.Fields, protocol.DataStateKey)
	return protocol.Append(protocol.Append(fields, protocol.Type, &eventType), protocol.StateKey, &key)
}
