package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// tryAction posts one of the typed actions, where the host is not known to
// refuse it. It waits for the host's versions, if these tell.
func (c *Client) tryAction(now session.Now, p *pending) bool {
	a := &protocol.Actions[p.kind-FirstAction]
	versions, known := c.Versions()
	if a.Version != "" && !known && c.Status() == session.Ready { // failed: the session says why
		return false
	}
	if a.Version != "" && len(versions) > 0 && !has(versions, a.Version) {
		e := protocol.Unsupported("the host does not know " + a.Name.String())
		e.Action = a.Name.String()
		c.fail(now, p, e)
		return true
	}
	if grants, known := c.Grants(); known {
		if missing := a.Missing(grants, p.fields, c.Renegotiates()); missing != nil {
			c.fail(now, p, capabilityError(a.Name, missing))
			return true
		}
	}
	kind := kindRequest
	if p.kind == OpenID {
		kind = kindOpenID
	}
	c.scratch = append(c.scratch[:0], p.fields...)
	c.request(now, p, kind, a.Name.Value(), session.Note{Num: p.deadlineMs})
	return true
}

func has(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// openID is a request for an OpenID token that the host has taken and whose
// user it asks.
type openID struct {
	serial int32
	call   int32
	due    float64
	ms     float64
}

// What a host says of the user's decision (MSC1960).
const (
	openIDAllowed = "allowed"
	openIDBlocked = "blocked"
	openIDRequest = "request"
)

func (c *Client) openIDAnswered(now session.Now, a *session.Answer) {
	if a.Err != nil {
		c.Fail(a.Call, a.Err)
		return
	}
	if protocol.Get(a.Message, protocol.RespState).Str != openIDRequest {
		c.decideOpenID(a.Call, a.Serial, a.Message, protocol.RespState, protocol.Response)
		return
	}
	ms := a.Note.Num
	if ms == 0 {
		ms = c.cfg.Session.HandshakeMs // people answer prompts
	}
	c.openIDs = append(c.openIDs, &openID{serial: a.Serial, call: a.Call, due: now.Mono + ms, ms: ms})
	c.WakeAt(now.Mono + ms)
}

// credentials takes what the user has decided.
func (c *Client) credentials(message []protocol.Field) {
	of := protocol.Get(message, protocol.DataOriginalRequestID)
	if of.Kind != protocol.Serial {
		return
	}
	if o := c.takeOpenID(0, of.ID, 0); o != nil {
		c.decideOpenID(o.call, o.serial, message, protocol.DataState, protocol.Data)
	}
}

// decideOpenID settles the call by the decision at state; body holds the token.
func (c *Client) decideOpenID(call, serial int32, message []protocol.Field, state, body protocol.Path) {
	err := protocol.BadResponse(state, "must be allowed, blocked or request")
	switch protocol.Get(message, state).Str {
	case openIDAllowed:
		token := protocol.Get(message, body)
		c.AddField(session.Settle, call, protocol.Body, &token)
		return
	case openIDBlocked:
		err = protocol.NewError(protocol.CodeHost, "the user declined to tell who they are")
	}
	err.Action, err.Serial = protocol.ActGetOpenID.String(), serial
	c.Fail(call, err)
}

// takeOpenID takes out the first that is of the call or the request, or due.
func (c *Client) takeOpenID(call, serial int32, until float64) *openID {
	for i, o := range c.openIDs {
		if o.call == call || o.serial == serial || o.due <= until {
			c.openIDs = without(c.openIDs, i)
			return o
		}
	}
	return nil
}

func (c *Client) expireOpenIDs(now session.Now) {
	for {
		o := c.takeOpenID(0, 0, now.Mono)
		if o == nil {
			break
		}
		c.Fail(o.call, &protocol.Error{
			Code: protocol.CodeTimeout, Message: "the user did not decide in time",
			Action: protocol.ActGetOpenID.String(), Serial: o.serial, DeadlineMs: o.ms,
		})
	}
	for _, o := range c.openIDs {
		c.WakeAt(o.due)
	}
}
