package future

import (
	"reflect"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func (p *page) update(call int32, n int, options ...any) int32 {
	p.t.Helper()
	return p.call(UpdateHold, with(message{"hold": call, "content": message{"n": n}}, options...))
}

func TestUpdateSendsTheStateThenRefreshesAtOnce(t *testing.T) {
	inEchoed(t, func(p *page, call int32) {
		p.pass(3000)
		update := p.update(call, 2)
		p.sees("state")
		if got := p.of("state").data; got["content"].(message)["n"] != 2.0 || got["state_key"] != key || got["room_id"] != room {
			p.t.Fatalf("sent %v", got)
		}
		p.skip(100)
		p.grant("state")
		p.succeeds(update)
		p.sees("refresh sec1")
		p.grant("refresh")
		p.stands(call, "held")
		p.echo()
		p.run(5*timeout, p.willing)
		p.none("state")
	})
}

func TestOfSeveralUpdatesTheLatestWins(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		first := p.update(call, 2)
		second, third := p.update(call, 3), p.update(call, 4)
		p.sees("state") // one at a time: they must not overtake each other
		p.grant("state")
		p.succeeds(first)
		for _, waits := range []int32{second, third} {
			p.unsettled(waits)
		}
		p.run(1000, p.willing)
		p.succeeds(second)
		p.succeeds(third)
		p.wrote(4)
		p.stands(call, "held")
	})
}

func TestUpdateIsWhatEveryLaterStateSays(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.update(call, 2)
		p.run(1000, p.willing)
		p.seen = len(p.sent)
		p.request("send_event", told(own, "$s2"))
		p.request("send_event", told(own, "$leave"))
		p.refuse("refresh", spent)
		p.run(1000, p.willing)
		p.wrote(2)
		p.stands(call, "held")
	})
}

func TestUpdateDuringARearmGoesWithTheState(t *testing.T) {
	for _, late := range []bool{false, true} {
		inFamilies(t, func(p *page) {
			call := p.echoed()
			if late {
				p.request("send_event", told(own, "$leave"))
			}
			p.reply(p.until("refresh"), spent)
			update := p.update(call, 2)
			p.run(1000, p.willing)
			p.succeeds(update)
			p.stands(call, "held")
			p.wrote(2)
		})
	}
}

func TestUpdateGoesOnThroughPassingFaults(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		update := p.update(call, 2, "deadlineMs", 60000)
		p.refuse("state", reply{status: 502})
		p.grant("refresh") // it may have been written, and cost the leave
		p.reply(p.until("state"), reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 3000}})
		at := p.now.Mono
		p.between("the wait", p.until("state").at.Mono-at, 3000, 3000*1.25)
		p.grant("state")
		p.succeeds(update)
		p.recovers(call)
	})
}

func TestUpdateThatIsNotAnsweredTimesOutAndIsMadeGoodLater(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		update := p.update(call, 2, "deadlineMs", 2000)
		slow := p.update(call, 3)
		p.run(1999, p.but("state", nil))
		p.unsettled(update)
		p.run(1, p.but("state", nil))
		p.fails(update, "timeout", "")
		p.run(8000, p.but("state", nil))
		p.fails(slow, "timeout", "")
		p.seen = len(p.sent)
		p.run(timeout, p.willing)
		states := p.news("state")
		if len(states) == 0 || states[len(states)-1].data["content"].(message)["n"] != 3.0 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.stands(call, "held")
	})
}

func TestRefusedUpdateFailsItsCall(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		update := p.update(call, 2)
		p.refuse("state", errcode(403, "M_FORBIDDEN"))
		p.fails(update, "matrix", "no")
		if k := p.keeps[call]; k.over {
			p.t.Fatalf("it is over: %v", k.log)
		}
		release := p.call(ReleaseHold, message{"hold": call})
		p.run(1000, p.willing)
		p.released(call, release)
	})
}

func TestWhatWasRefusedIsNotSentWhenTheStateIsLost(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		first := p.sent[1].data["content"]
		update := p.update(call, 2)
		p.refuse("state", errcode(413, "M_TOO_LARGE"))
		p.fails(update, "matrix", "no")
		p.seen = len(p.sent)
		p.request("send_event", told(own, "$s1"))
		p.request("send_event", told(own, "$leave"))
		p.refuse("refresh", spent)
		p.run(1000, p.willing)
		if got := p.news("state"); len(got) != 1 || !reflect.DeepEqual(got[0].data["content"], first) {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.stands(call, "held")
	})
}

func TestBadArgumentsOfUpdateAndReleaseFailAtOnce(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		keep := p.keepAlive("sec9", timeout)
		for _, test := range []struct {
			args  message
			field string
		}{
			{message{"hold": call}, "content"},
			{message{"hold": call, "content": "x"}, "content"},
			{message{"hold": call, "content": message{}, "deadlineMs": 0}, "deadlineMs"},
			{message{"hold": 99, "content": message{}}, ""},
			{message{"hold": "x", "content": message{}}, ""},
			{message{"hold": 0.5, "content": message{}}, ""},
			{message{"hold": keep, "content": message{}}, ""},
			{message{"content": message{}}, ""},
		} {
			o := p.ended[p.call(UpdateHold, test.args)]
			if o.ok || o.code() == "" {
				p.t.Errorf("%v: %v", test.args, o)
			}
			if test.field != "" {
				p.fails(p.calls, "invalid", test.field)
			}
		}
		for _, args := range []message{{"hold": 99}, {}, {"hold": keep}, {"hold": call, "deadlineMs": -1}} {
			if o := p.ended[p.call(ReleaseHold, args)]; o.ok || o.code() == "" {
				p.t.Errorf("%v: %v", args, o)
			}
		}
		p.sees("")
		p.stands(call, "held")
		p.stands(keep, "alive")
	})
}

func TestAbortedUpdateIsSettledByNothing(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		update := p.update(call, 2)
		p.abort(update)
		p.run(timeout, p.willing)
		p.unsettled(update)
		p.stands(call, "held")
	})
}

func TestUpdateOfAHoldWithoutAFutureIsAPlainEvent(t *testing.T) {
	p := negotiated(t, protocol.None, everything)
	call := p.hold("withoutFuture", true)
	p.grant("state")
	p.seen = len(p.sent)
	update := p.update(call, 2)
	p.grant("state")
	p.succeeds(update)
	p.pass(timeout)
	p.sees("state")
	p.stands(call, "held")
}
