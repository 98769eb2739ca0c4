package future

import (
	"fmt"
	"strings"

	"github.com/widget-futures/widget-futures/protocol/session"
)

// drain carries the effects of an input out.
func (p *page) drain() {
	p.t.Helper()
	closed := p.closed
	for _, e := range p.c.Effects {
		switch e.Op {
		case session.Fail, session.Settle, session.Over:
		case session.Post, session.HTTP, session.Wake, session.Beacon:
			closed = closed || p.closed // also of the input that closed it
			fallthrough
		default:
			if closed {
				p.t.Fatalf("effect %d after close", e.Op)
			}
		}
		for _, handle := range handles(p.c.Fields(e)) {
			if p.stale[handle] {
				p.t.Fatalf("effect %d forwards a value that is gone", e.Op)
			}
		}
		built, err := p.codec.Build(p.c.Fields(e))
		if err != nil {
			p.t.Fatal(err)
		}
		fields := plain(built)
		switch e.Op {
		case session.Post:
			if fields["data"] == nil {
				p.t.Fatalf("a request without data: %v", fields)
			}
			p.posts = append(p.posts, fields)
			p.record(e.ID, fields, "")
		case session.Deliver:
			p.replys = append(p.replys, with(p.last, "response", fields["response"]))
			p.knew = p.facts
		case session.Settle:
			p.settle(e.ID, outcome{true, fields})
		case session.Fail:
			p.settle(e.ID, outcome{false, fields})
		case session.Wake:
			p.wake = e.At
		case session.Pin:
			p.pinned = true
		case session.Facts:
			p.facts++
			p.fact = fields
		case session.Change:
			p.events = append(p.events, "status "+session.Statuses()[e.ID])
			p.closed = session.Status(e.ID) == session.Closed
		case session.HTTP:
			p.urls = append(p.urls, httpPost{e.ID, fields["url"].(string)})
			p.record(e.ID, nil, fields["url"].(string))
		case session.Hangup:
			p.hung = append(p.hung, e.ID)
			p.hangup(e.ID)
		case session.SentImmediately:
			p.events = append(p.events, fmt.Sprint("sentimmediately ", fields["eventId"]))
		case session.Orphaned:
			p.events = append(p.events, fmt.Sprint("orphaned ", fields["delayId"], fields["sendToken"]))
		default:
			p.keepEffect(e, fields)
		}
		p.discreet(e.Op, fields)
	}
}

func (p *page) settle(call int32, o outcome) {
	p.t.Helper()
	if call == 0 {
		if p.ready != nil {
			p.t.Fatal("readiness was settled twice")
		}
		p.ready = &o
		return
	}
	k := p.keeps[call]
	if k != nil && k.kind == KeepAlive && !o.ok && len(k.log) == 0 && !k.over {
		k.over = true // a bad argument
	} else if _, ok := p.open[call]; !ok {
		p.t.Fatalf("call %d was settled twice or never made: %v", call, o)
	}
	delete(p.open, call)
	p.ended[call] = o
	if k == nil {
		p.free(call)
	}
}

// fails asserts how a call failed and that its message names what it should.
func (p *page) fails(call int32, code, naming string) {
	p.t.Helper()
	o, ok := p.ended[call]
	if !ok {
		p.t.Fatalf("call %d is not settled", call)
	}
	if o.code() != code || !strings.Contains(o.text("message"), naming) {
		p.t.Fatalf("call %d: %s %q, want %s naming %q", call, o.code(), o.text("message"), code, naming)
	}
}

func (p *page) succeeds(call int32) message {
	p.t.Helper()
	o, ok := p.ended[call]
	if !ok {
		p.t.Fatalf("call %d is not settled", call)
	}
	if !o.ok {
		p.t.Fatalf("call %d failed: %v", call, o.fields)
	}
	return o.fields
}

// actions lists the actions of the posts that nobody answered yet.
func (p *page) actions() string {
	var list []string
	for _, m := range p.posts {
		list = append(list, m["action"].(string))
	}
	return strings.Join(list, " ")
}
