package future

import (
	"slices"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestCloseReleasesTheHoldsAndIsClosedWithTheLast(t *testing.T) {
	inFamilies(t, func(p *page) {
		first := p.held()
		second := p.hold("stateKey", "other")
		p.grant("schedule", "state", "refresh")
		keep := p.keepAlive("sec9", timeout)
		event, update := p.call(SendEvent, event), p.update(first, 2)
		p.seen = len(p.sent)
		p.closing()
		p.ends(keep, "stopped")
		p.fails(event, "closed", "")
		if o := p.ended[update]; o.code() != "closed" {
			p.t.Fatalf("the update ended with %v", o)
		}
		if p.closed || len(p.news("send")) == 0 {
			p.t.Fatalf("closed %v, sent %s", p.closed, p.script(p.seen))
		}
		p.run(100, p.willing)
		p.ends(first, "released")
		p.ends(second, "released")
		if !p.closed || p.steady || len(p.events) != 1 {
			p.t.Fatalf("closed %v, steady %v, told %v", p.closed, p.steady, p.events)
		}
		p.rests()
	})
}

func TestCallsWhileTheHoldsAreReleasedFailAsClosed(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.closing()
		n := len(p.sent)
		args := with(spec(), "action", "x", "capabilities", []string{"x"}, "dialect", "delayed", "delayId", "sec7", "hold", call)
		for kind := range callKinds {
			if kind != ReleaseHold {
				p.fails(p.call(kind, args), "closed", "")
			}
		}
		release := p.release(call)
		p.closing() // again
		if len(p.sent) != n {
			p.t.Fatalf("sent %s", p.script(n))
		}
		p.run(100, p.willing)
		if _, ended := p.ended[release]; !ended || !p.closed {
			p.t.Fatalf("the release is settled %v, closed %v", ended, p.closed)
		}
	})
}

func TestCloseOnASilentHostEndsWithTheDeadline(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.closing()
		p.pass(9999)
		if p.closed {
			p.t.Fatal("gave up too early")
		}
		p.pass(1)
		if !p.closed || p.steady || !p.keeps[call].over {
			p.t.Fatalf("closed %v, steady %v, over %v", p.closed, p.steady, p.keeps[call].over)
		}
	})
}

func TestCloseWhileAHoldStartsFailsItAndLeavesNothingBehind(t *testing.T) {
	for _, granted := range stages {
		inFamilies(t, func(p *page) {
			call := p.hold(leftContent...)
			p.grant(granted...)
			p.closing()
			if len(granted) < 2 {
				p.fails(call, "closed", "")
			}
			p.run(60000, p.willing)
			k := p.keeps[call]
			if !p.closed || !k.over || p.steady {
				p.t.Fatalf("closed %v, over %v, steady %v", p.closed, k.over, p.steady)
			}
			words := []string{}
			for _, s := range p.sent {
				words = append(words, s.what)
			}
			want := [][]string{{"schedule", "cancel"}, {"schedule", "state", "send", "state"}, {"schedule", "state", "refresh", "send"}}[len(granted)]
			if !slices.Equal(words, want) {
				p.t.Fatalf("sent %v, want %v", words, want)
			}
		})
	}
}

func TestCloseBeforeTheHostIsReadyEndsAtOnce(t *testing.T) {
	p := embedded(t, protocol.Delayed)
	p.start()
	call := p.hold()
	p.close()
	p.fails(call, "closed", "")
	if k := p.keeps[call]; !k.over || p.steady {
		t.Fatalf("over %v, steady %v", k.over, p.steady)
	}
}

func TestCloseLetsAReleaseGoOnToItsEnd(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		release := p.release(call)
		p.closing()
		p.run(100, p.willing)
		p.ends(call, "released")
		if _, ended := p.ended[release]; !ended || !p.closed || len(p.news("send")) != 1 {
			p.t.Fatalf("ended %v, closed %v, sent %s", ended, p.closed, p.script(p.seen))
		}
	})
}

func TestCloseWithAFailedAndADisplacedHoldIsBounded(t *testing.T) {
	inFamilies(t, func(p *page) {
		failed := p.held()
		p.reply(p.until("refresh"), errcode(403, "M_FORBIDDEN"))
		displaced := p.hold("stateKey", "_@v:example.org_D")
		p.run(100, p.willing)
		p.request("send_event", told(own, "$s2", "state_key", "_@v:example.org_D"))
		p.request("send_event", told(other, "$x", "state_key", "_@v:example.org_D"))
		p.closing()
		p.run(10000, silent)
		if !p.closed || !p.keeps[failed].over || !p.keeps[displaced].over {
			p.t.Fatalf("closed %v", p.closed)
		}
	})
}

func TestCloseOfAHoldThatHidWhileItStartedSettlesIt(t *testing.T) {
	for _, granted := range stages {
		inFamilies(t, func(p *page) {
			call := p.hold()
			p.grant(granted...)
			p.happens(PageHidden)
			p.closing()
			p.fails(call, "closed", "")
			p.run(20000, p.willing)
			if !p.closed || !p.keeps[call].over {
				p.t.Fatalf("closed %v, over %v", p.closed, p.keeps[call].over)
			}
		})
	}
}

func TestCloseOfAHiddenHoldSettlesItsCalls(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		update := p.update(call, 2)
		p.happens(PageHidden)
		release := p.release(call)
		second := p.hold("stateKey", "b")
		p.grant("schedule")
		p.happens(PageHidden)
		p.closing()
		p.run(20000, silent)
		for _, id := range []int32{update, release, second} {
			if _, ended := p.ended[id]; !ended {
				p.t.Errorf("%s is never settled", p.open[id])
			}
		}
		if !p.closed || !p.keeps[call].over {
			p.t.Fatalf("closed %v, over %v", p.closed, p.keeps[call].over)
		}
	})
}
