package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func (p *page) release(call int32, options ...any) int32 {
	p.t.Helper()
	return p.call(ReleaseHold, with(message{"hold": call}, options...))
}

// left asserts that a plain leave was sent, and nothing else since the last look.
func (p *page) left() {
	p.t.Helper()
	p.sees("state")
	s := p.sent[len(p.sent)-1]
	if got := s.data["content"].(message); got["left"] != true {
		p.t.Fatalf("sent %v", s.data)
	}
}

var leftContent = []any{"leaveContent", message{"left": true}}

func TestReleaseSendsTheLeaveByItsFuture(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		release := p.release(call)
		p.sees("send sec1")
		if _, ended := p.ended[release]; ended {
			p.t.Fatal("settled before the leave is in the room")
		}
		p.grant("send")
		if got := p.succeeds(release); len(got) != 0 {
			p.t.Fatalf("settled with %v", got)
		}
		p.ends(call, "released")
		p.run(10*timeout, p.willing)
		p.sees("")
	})
}

func TestReleaseWhereTheFutureIsGoneOrRefusedWritesTheLeave(t *testing.T) {
	answers := map[string]reply{
		"forbidden": errcode(403, "M_FORBIDDEN"), "no login": errcode(401, "M_MISSING_TOKEN"),
		"unknown endpoint": errcode(404, "M_UNRECOGNIZED"), "bad request": errcode(400, "M_INVALID_PARAM"),
	}
	for name, answer := range goneAnswers {
		answers[name] = answer
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.held(leftContent...)
				release := p.release(call)
				p.refuse("send", answer)
				p.seen++
				p.left()
				p.grant("state")
				p.succeeds(release)
				p.run(1000, p.willing) // it may cancel what is left
				p.ends(call, "released")
			})
		})
	}
}

func TestReleaseGoesOnThroughPassingFaultsAndTriesThePlainLeaveToo(t *testing.T) {
	for _, fault := range []reply{{status: 0}, {status: 502}} {
		inFamilies(t, func(p *page) {
			call := p.held(leftContent...)
			release := p.release(call, "deadlineMs", 60000)
			p.refuse("send", fault)
			at := p.now.Mono
			p.between("the retry", p.until("send").at.Mono-at, 5000, 6000)
			p.refuse("send", fault)
			plain := p.until("state")
			if plain.says("left") != true {
				p.t.Fatalf("sent %v", plain.data)
			}
			p.grant("state")
			p.succeeds(release)
			p.seen = len(p.sent)
			p.run(timeout, p.willing)
			p.ends(call, "released")
			p.none("state", "refresh")
		})
	}
}

func TestPlainLeaveIsTriedAgainAfterAPause(t *testing.T) {
	for _, test := range []struct {
		answer   reply
		from, to float64
	}{{reply{status: 502}, 5000, 6000}, {limit(3000), 3000, 3000 * 1.25}} {
		inFamilies(t, func(p *page) {
			call := p.held(leftContent...)
			release := p.release(call, "deadlineMs", 60000)
			p.refuse("send", spent)
			p.refuse("state", test.answer)
			at := p.now.Mono
			p.between("the pause", p.until("state").at.Mono-at, test.from, test.to)
			p.grant("state")
			p.run(1000, p.willing)
			p.released(call, release)
		})
	}
}

func TestReleaseAtARateLimitGoesOnWithThePlainLeave(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		release := p.release(call)
		p.refuse("send", reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2000}})
		// Synapse has dropped the leave by then (its message limit): write it.
		p.of("state")
		p.run(2000, p.willing)
		p.succeeds(release)
		p.run(10000, p.willing)
		p.ends(call, "released")
	})
}

func TestReleaseThatIsNotAnsweredTimesOutAndRefreshesNoMore(t *testing.T) {
	for _, deadline := range []any{nil, 3000} {
		inFamilies(t, func(p *page) {
			limit := 10000.0
			if deadline != nil {
				limit = 3000
			}
			call := p.held()
			release := p.release(call, "deadlineMs", deadline)
			p.pass(limit - 1)
			p.unsettled(release)
			p.pass(1)
			p.fails(release, "timeout", "")
			k := p.stands(call, "failed")
			p.seen = len(p.sent)
			p.pass(10 * timeout)
			p.none("refresh", "schedule")
			if k.over {
				return
			}
			again := p.release(call)
			p.run(1000, p.willing)
			p.released(call, again)
		})
	}
}

func TestEveryReleaseOfAHoldIsSettled(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		first, second := p.release(call), p.release(call)
		p.sees("send sec1")
		p.grant("send")
		p.succeeds(first)
		p.succeeds(second)
		p.ends(call, "released")
	})
}

func TestRefreshThatMeetsTheReleasedFutureIsNoLoss(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		refresh := p.until("refresh")
		release := p.release(call)
		p.reply(refresh, spent)
		if k := p.keeps[call]; k.status() == "lost" || p.pending("schedule") != nil {
			p.t.Fatalf("statuses %v, sent %s", k.log, p.script(p.seen))
		}
		p.grant("send")
		p.released(call, release)
	})
}

func TestLeaveOfOursIsNotFought(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.echoed()
		release := p.release(call)
		p.request("send_event", told(own, "$leave"))
		p.grant("send")
		p.released(call, release)
		p.request("send_event", told(own, "$leave"))
		p.run(timeout, p.willing)
		p.sees("send sec1")
	})
}

func TestReleaseWhileTheLeaveIsScheduledAnewWritesTheLeave(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.held(leftContent...)
		p.reply(p.until("refresh"), spent)
		schedule := p.of("schedule")
		p.seen = len(p.sent)
		release := p.release(call)
		p.left()
		p.grant("state")
		p.succeeds(release)
		p.reply(schedule, p.receipt(schedule, 2))
		p.run(10*timeout, p.willing)
		if len(p.news("schedule"))+len(p.news("state"))+len(p.news("refresh")) > 0 || len(p.events) > 0 {
			p.t.Fatalf("sent %s, told %v", p.script(p.seen), p.events)
		}
		if last := p.stands(call, "released"); !last.over {
			p.t.Fatal("its number is never free")
		}
	})
}

// A state that is on its way when the page leaves must not come after the leave.
func TestStateOnItsWayIsFollowedByTheLeave(t *testing.T) {
	for _, answer := range []string{"granted", "silent"} {
		inFamilies(t, func(p *page) {
			call := p.held(leftContent...)
			update := p.update(call, 2)
			state := p.of("state")
			release := p.release(call)
			if answer == "silent" {
				state.asked = true
				p.run(60000, p.willing)
			} else {
				p.skip(100)
				p.serveOthers(state)
				p.reply(state, p.receipt(state, 2))
				p.run(60000, p.willing)
			}
			if _, ended := p.ended[update]; !ended {
				p.t.Fatal("the update is never settled")
			}
			if o := p.ended[release]; answer == "granted" && !o.ok {
				p.t.Fatalf("released with %v", o)
			}
			last := ""
			for _, s := range p.sent {
				switch {
				case s.what == "send", s.what == "state" && s.says("left") == true:
					last = "leave"
				case s == state:
					last = "state"
				}
			}
			if last != "leave" {
				p.t.Fatalf("sent %s", p.script(0))
			}
			after := false
			for _, s := range p.sent[p.seen:] {
				after = after || s.what == "state" && s.says("left") != true && s != state
			}
			if after {
				p.t.Fatalf("the state was sent after release(): %s", p.script(p.seen))
			}
		})
	}
}

func TestReleaseOfAHoldWithoutAFutureWritesTheLeave(t *testing.T) {
	p := negotiated(t, protocol.None, everything)
	call := p.hold(append(leftContent, "withoutFuture", true)...)
	p.grant("state")
	p.seen = len(p.sent)
	release := p.release(call)
	p.left()
	p.grant("state")
	p.released(call, release)
}

func TestReleaseOfAFailedHoldEndsInLeft(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.held(leftContent...)
		p.reply(p.until("refresh"), errcode(403, "M_FORBIDDEN"))
		p.stands(call, "failed")
		release := p.release(call)
		p.run(5000, p.willing)
		p.released(call, release)
	})
}

func TestAbortedReleaseGoesOnSilently(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		release := p.release(call)
		p.abort(release)
		p.run(timeout, p.willing)
		p.unsettled(release)
		p.ends(call, "released")
	})
}

func TestReleaseWhoseLeaveIsRefusedAltogetherFails(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.held(leftContent...)
		release := p.release(call)
		p.refuse("send", spent)
		p.refuse("state", errcode(403, "M_FORBIDDEN"))
		p.run(60000, p.but("state", &reply{status: 403, body: message{"errcode": "M_FORBIDDEN"}}))
		if o := p.ended[release]; o.ok || o.code() != "matrix" {
			p.t.Fatalf("released with %v", o)
		}
		p.stands(call, "failed")
	})
}
