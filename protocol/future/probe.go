package future

import (
	"strconv"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// probe finds out, once a session, whether the host knows the action by which
// delayed events are managed: it posts that action with an empty delay_id,
// which touches nothing (wire.md §8), and the same under a random name beside
// it. Only a host that tells the two apart knows the action. That is decided by
// comparing the answers, never by anybody's wording.
type probe struct {
	known   bool
	action  protocol.Name // that it is about
	running bool
	ended   bool // without proof, in this input
	legs    [2]leg
	why     string
}

// leg is the end of one of the two requests.
type leg struct {
	done   bool
	unsaid bool   // it could not be posted
	silent bool   // no answer within the deadline
	acked  bool   // an answer that is no refusal
	trace  string // the answer, without what differs from request to request
}

// startProbe posts the two requests, unless they are under way.
func (c *Client) startProbe(now session.Now, action protocol.Name) {
	if c.probe.running {
		return
	}
	c.probe = probe{running: true, action: action}
	fields := append(c.scratch[:0], protocol.Str("").At(protocol.DataDelayID))
	fields = protocol.AppendName(fields, protocol.DataAction, protocol.Cancel.Update())
	c.scratch = fields
	for i, name := range [2]protocol.Value{action.Value(), protocol.Str(c.cfg.ProbeAction)} {
		r := session.Request{Kind: kindProbe, Action: name, Fields: fields, Note: session.Note{A: int32(i)}}
		if err := c.Session.Request(now, &r); err != nil {
			c.probeLeg(i, leg{done: true, unsaid: true})
		}
	}
}

func (c *Client) probeAnswered(now session.Now, a *session.Answer) {
	l := leg{done: true}
	switch {
	case a.Message == nil && a.Err.Code == protocol.CodeTimeout:
		l.silent = true
	case a.Message == nil:
		l.unsaid = true
	default:
		l.acked = a.Err == nil
		l.trace = trace(a)
	}
	c.probeLeg(int(a.Note.A), l)
}

// probeLeg takes the end of one request and decides when both have ended.
func (c *Client) probeLeg(i int, l leg) {
	p := &c.probe
	p.legs[i] = l
	if !p.legs[0].done || !p.legs[1].done {
		return
	}
	p.running = false
	p.known, p.why = prove(p.legs[0], p.legs[1])
	p.ended = !p.known
}

// prove compares the two answers.
func prove(real, random leg) (known bool, why string) {
	switch {
	case real.unsaid || random.unsaid:
		return false, "it could not be asked"
	case real.silent && random.silent:
		return false, "it answers neither the action of delayed events nor an unknown one"
	case real.silent || random.silent:
		// The other answer may have been lost: no host is known that is silent on one alone.
		return false, "it answered only one of two questions"
	case real.acked && random.acked:
		return false, "it acknowledges actions that do not exist"
	case real.trace == random.trace:
		return false, "it answers the action of delayed events like an unknown one"
	}
	return true, ""
}

// trace is what an answer says, apart from what may differ between any two
// requests: the action's name, and words with digits (ids, times, counts).
func trace(a *session.Answer) string {
	var b strings.Builder
	for _, f := range a.Message {
		if !f.Set() {
			continue
		}
		switch f.Path {
		case protocol.API, protocol.WidgetID, protocol.RequestID, protocol.Action,
			protocol.Data, protocol.DataRequested, protocol.DataApproved:
			continue // the request, echoed
		case protocol.RespVersions:
			continue // a list has no place in either answer; its length proves nothing
		case protocol.RespMatrixStatus:
			b.WriteString(strconv.Itoa(int(f.Num)))
		}
		b.WriteString(f.Path.String())
		b.WriteByte(byte('0' + f.Kind))
		text := f.Str
		for len(text) > 0 {
			if rest, ok := strings.CutPrefix(text, a.Action.Str); ok {
				text = rest
				continue
			}
			n := 1
			for alnum(text[0]) && n < len(text) && alnum(text[n]) {
				n++
			}
			if strings.ContainsAny(text[:n], "0123456789") {
				b.WriteByte('0')
			} else {
				b.WriteString(text[:n])
			}
			text = text[n:]
		}
	}
	return b.String()
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// refusal is what futures are refused with after a probe without proof.
func (p *probe) refusal() *protocol.Error {
	e := protocol.Unsupported("the host is not known to schedule futures: " + p.why)
	e.Hint = "nothing was posted; the next future probes again"
	return e
}
