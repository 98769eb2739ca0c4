package future

import (
	"testing"
	"time"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/linear"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// inTheGate calls n futures that wait for the probe, and says how long what
// happens then takes.
func inTheGate(t *testing.T, n int, then func(p *page)) time.Duration {
	p := negotiated(t, protocol.Auto, everything)
	args := p.codec.Read(protocol.Page, plain(future(60000)))
	for call := range n {
		p.c.Reset()
		p.c.Call(p.now, SendFuture, int32(1+call), args)
	}
	if len(p.c.gate) != n {
		t.Fatalf("%d of %d wait", len(p.c.gate), n)
	}
	start := time.Now()
	then(p)
	return time.Since(start)
}

func TestCallsInTheGateAreGivenUpEachInTheSameTime(t *testing.T) {
	for name, call := range map[string]func(i, n int) int32{
		"first to last": func(i, _ int) int32 { return int32(1 + i) },
		"last to first": func(i, n int) int32 { return int32(n - i) },
	} {
		t.Run(name, func(t *testing.T) {
			linear.Check(t, session.MaxWaiting/4, func(n int) time.Duration {
				return inTheGate(t, n, func(p *page) {
					for i := range n {
						p.c.Reset()
						p.c.Abort(p.now, call(i, n))
					}
					if len(p.c.gate) != 0 {
						t.Fatalf("%d still wait", len(p.c.gate))
					}
				})
			})
		})
	}
}

func TestWhatChangesNothingDoesNotTryTheGateAgain(t *testing.T) {
	linear.Check(t, session.MaxWaiting/4, func(n int) time.Duration {
		return inTheGate(t, n, func(p *page) {
			told := p.codec.Read(protocol.Wire, plain(message{
				"api": "toWidget", "widgetId": "w1", "requestId": "h", "action": "send_event", "data": message{},
			}))
			for range n {
				p.c.Reset()
				p.c.Receive(p.now, told)
			}
		})
	})
}

func TestFutureAfterAProbeThatNobodyWaitedForProbesAgain(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	p.abort(p.call(SendFuture, future(60000)))
	p.pass(10000) // neither question is answered
	p.posts = nil
	call := p.call(SendFuture, future(60000))
	if o, ended := p.ended[call]; ended || len(p.posts) != 2 {
		t.Fatalf("ended %v, posted %q", o, p.actions())
	}
}
