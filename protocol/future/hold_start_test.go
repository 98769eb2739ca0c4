package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestStartThatMeetsAPassingFaultGoesOn(t *testing.T) {
	faults := map[string]reply{
		"no detail": {status: 0}, "bad gateway": {status: 502}, "internal error": errcode(500, "M_UNKNOWN"),
		"rate limit": {status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500}},
	}
	for _, what := range []string{"schedule", "state", "refresh"} {
		for name, fault := range faults {
			t.Run(what+" "+name, func(t *testing.T) {
				inFamilies(t, func(p *page) {
					call := p.hold()
					for p.pending(what) == nil {
						p.serveOne()
					}
					p.refuse(what, fault)
					at := p.now.Mono
					if what == "state" && fault.status != 429 {
						p.grant("refresh") // it may have been written, and cost the leave
					}
					again := p.until(what)
					if fault.status == 429 {
						p.between("the wait", again.at.Mono-at, 1500, 2000)
					} else {
						p.between("the retry", again.at.Mono-at, 100, 10000)
					}
					p.run(3000, p.willing)
					p.succeeds(call)
					if k := p.stands(call, "held"); len(k.armed) != 1 {
						p.t.Fatalf("armed %v", k.armed)
					}
				})
			})
		}
	}
}

func TestStartThatIsNotAnsweredEndsInTimeAndLeavesNothingBehind(t *testing.T) {
	for _, test := range []struct {
		silent string // from this on nothing is answered
		clean  string // what is tried then
	}{
		{"schedule", ""},
		{"state", "send"}, // the state may be in the room
	} {
		for _, deadline := range []any{nil, 3000} {
			inFamilies(t, func(p *page) {
				call := p.hold("deadlineMs", deadline)
				for p.pending(test.silent) == nil {
					p.serveOne()
				}
				limit := 10000.0
				if deadline != nil {
					limit = 3000
				}
				p.run(limit-1, p.but(test.silent, nil))
				p.unsettled(call)
				p.run(1, p.but(test.silent, nil))
				p.fails(call, "timeout", "")
				if test.clean != "" {
					p.run(10000, p.but(test.silent, nil))
					if len(p.news(test.clean)) == 0 {
						p.t.Fatalf("sent %s", p.script(0))
					}
				}
				p.run(10*timeout, p.but(test.silent, nil))
				p.gaveUp(call)
				if p.steady {
					p.t.Fatal("a steady clock for nothing")
				}
			})
		}
	}
}

func TestStartWithoutAFutureEndsInTimeToo(t *testing.T) {
	none := negotiated(t, protocol.None, everything)
	denied := negotiated(t, protocol.Delayed, []string{protocol.CapTimeline + room, protocol.CapSendState + member})
	for _, p := range []*page{none, denied} {
		call := p.hold("withoutFuture", true, "deadlineMs", 3000)
		p.run(3000, silent)
		p.fails(call, "timeout", "")
		p.run(30000, silent)
		p.gaveUp(call)
	}
}

func TestStartWhoseStateIsInTheRoomEndsInTimeAlsoUnverified(t *testing.T) {
	for _, answer := range []*reply{nil, {status: 502}} {
		inFamilies(t, func(p *page) {
			call := p.hold("deadlineMs", 3000)
			p.run(2999, p.but("refresh", answer))
			p.unsettled(call)
			p.run(1, p.but("refresh", answer))
			p.succeeds(call)
			if k := p.keeps[call]; k.status() == "held" || k.status() == "" || k.over {
				p.t.Fatalf("statuses %v", k.log)
			}
			p.run(10000, p.willing)
			p.stands(call, "held")
		})
	}
}

func TestLeaveOfAStartThatWasGivenUpIsCancelledWhenItsReceiptComes(t *testing.T) {
	ways := map[string]func(p *page, call int32){
		"timed out": func(p *page, call int32) { p.pass(10000) },
		"aborted":   func(p *page, call int32) { p.abort(call) },
	}
	for name, giveUp := range ways {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.hold()
				first := p.of("schedule")
				giveUp(p, call)
				p.seen = len(p.sent)
				p.reply(first, p.receipt(first, 1))
				p.sees("cancel sec1")
				p.run(5*timeout, p.willing)
				if len(p.news("state")) > 0 || len(p.events) > 0 {
					p.t.Fatalf("sent %s, told %v", p.script(0), p.events)
				}
				if !p.keeps[call].over {
					p.t.Fatal("its number is never free")
				}
			})
		})
	}
}

func TestRefusedStateFailsTheStartAndCancelsTheLeave(t *testing.T) {
	for _, refusal := range []reply{errcode(403, "M_FORBIDDEN"), errcode(413, "M_TOO_LARGE"), errcode(400, "M_BAD_JSON")} {
		inFamilies(t, func(p *page) {
			call := p.hold()
			p.grant("schedule")
			p.refuse("state", refusal)
			p.fails(call, "matrix", "no")
			p.sees("schedule, state, cancel sec1")
			p.grant("cancel")
			p.gaveUp(call)
			p.run(5*timeout, p.willing)
			p.sees("")
		})
	}
}

func TestAbortedStartIsSilentAndLeavesNothingBehind(t *testing.T) {
	for _, test := range []struct {
		granted []string
		want    string
	}{
		{nil, "schedule, cancel sec1"},
		{[]string{"schedule"}, "schedule, state, send sec1, state"}, // the state may be in the room, on top of the leave
	} {
		inFamilies(t, func(p *page) {
			call := p.hold()
			p.grant(test.granted...)
			p.abort(call)
			p.run(10*timeout, p.willing)
			if got := p.script(0); got != test.want {
				p.t.Fatalf("sent %q, want %q", got, test.want)
			}
			if _, ended := p.ended[call]; ended || !p.keeps[call].over || p.steady {
				p.t.Fatalf("settled %v, over %v, steady %v", ended, p.keeps[call].over, p.steady)
			}
		})
	}
}

func TestAbortOfAStartThatWaitsPostsNothing(t *testing.T) {
	p := embedded(t, protocol.Delayed)
	p.start()
	call := p.hold()
	p.abort(call)
	if k := p.keeps[call]; !k.over || p.steady {
		t.Fatal("its number is not free")
	}
	n := len(p.sent)
	p.request("notify_capabilities", message{"requested": everything, "approved": everything})
	p.pass(10 * timeout)
	if len(p.sent) != n {
		t.Fatalf("sent %s", p.script(n))
	}
}

func TestAbortAfterTheStartDoesNothing(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.abort(call)
		p.stands(call, "held")
		p.run(timeout, p.willing)
		if p.stands(call, "held"); len(p.news("refresh")) < 4 || len(p.news("send")) > 0 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	})
}

func TestHoldWithoutAFutureJoinsWhereNoneCanBeHad(t *testing.T) {
	refusals := map[string]reply{
		"feature off, until 1.156": {status: 400, body: message{"errcode": "M_UNKNOWN", "org.matrix.msc4140.errcode": "M_MAX_DELAY_UNSUPPORTED"}},
		"unknown endpoint":         errcode(404, "M_UNRECOGNIZED"),
	}
	for name, refusal := range refusals {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.hold("withoutFuture", true)
				p.refuse("schedule", refusal)
				p.grant("state")
				p.succeeds(call)
				if k := p.stands(call, "held"); len(k.armed) > 0 || k.expiresAt != 0 {
					p.t.Fatalf("armed %v, expires %v", k.armed, k.expiresAt)
				}
				p.sees("schedule, state")
				p.echo()
				p.run(10*timeout, p.willing)
				p.sees("")
			})
		})
	}
}

func TestHoldWithoutAFutureJoinsOnAHostThatCannotScheduleOne(t *testing.T) {
	none := negotiated(t, protocol.None, everything)
	denied := negotiated(t, protocol.Delayed, []string{protocol.CapTimeline + room, protocol.CapSendState + member})
	for name, p := range map[string]*page{"dialect none": none, "not approved": denied} {
		p.seen = len(p.sent)
		call := p.hold("withoutFuture", true)
		p.sees("state")
		p.grant("state")
		p.succeeds(call)
		if k := p.stands(call, "held"); len(k.armed) > 0 {
			t.Errorf("%s: armed %v", name, k.armed)
		}
	}
	p := negotiated(t, protocol.Delayed, everything)
	call := p.hold("withoutFuture", true)
	p.answer(updateAction, refusing("Unknown action"))
	p.answer("random.action", refusing("Unknown action"))
	p.grant("state")
	p.succeeds(call)
	p.stands(call, "held")

	p = negotiated(t, protocol.Delayed, []string{protocol.CapSendDelayed, protocol.CapUpdateDelayed})
	p.fails(p.hold("withoutFuture", true), "capability", "")
}

func TestHoldThatGoesOnWithoutItsSpentLeaveHasStartedWhenItsStateIsBack(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold("withoutFuture", true)
		p.grant("schedule", "state")
		unknown := errcode(404, "M_UNRECOGNIZED")
		p.refuse("refresh", unknown)
		late := p.until("refresh")
		p.skip(timeout + 100)
		p.reply(late, unknown)
		if o, ended := p.ended[call]; ended {
			p.t.Fatalf("started with its leave in the room: %v", o)
		}
		p.grant("state")
		p.succeeds(call)
		p.stands(call, "held")
	})
}

func TestHoldThatMayDoWithoutAFutureTakesOneWhereItCan(t *testing.T) {
	inFamilies(t, func(p *page) {
		if k := p.keeps[p.held("withoutFuture", true)]; len(k.armed) != 1 {
			p.t.Fatalf("armed %v", k.armed)
		}
		// What is no refusal proves nothing: it goes on trying.
		call := p.hold("withoutFuture", true, "stateKey", "other")
		p.refuse("schedule", reply{status: 502})
		p.sees("schedule")
		p.until("schedule")
		p.grant("schedule", "state", "refresh")
		if k := p.stands(call, "held"); len(k.armed) != 1 {
			p.t.Fatalf("armed %v", k.armed)
		}
	})
}

func TestHoldThatIsReplacedOrGivenUpBeforeTheOpeningPostsNothing(t *testing.T) {
	for _, dialect := range []protocol.Dialect{protocol.None, protocol.Futures} {
		p := embedded(t, dialect, withServer)
		p.request("capabilities", message{})
		p.request("notify_capabilities", message{"requested": everything, "approved": everything})
		p.hold("withoutFuture", true)
		second := p.hold("withoutFuture", true)
		p.abort(p.hold("withoutFuture", true, "stateKey", "b"))
		p.start()
		p.run(20000, p.willing)
		p.stands(second, "held")
		if n := len(p.news("state")); n != 1 {
			t.Fatalf("sent %s", p.script(0))
		}
	}
}
