package future

import "testing"

// jumps are differences between the progress of the clocks (design §4).
var jumps = []struct {
	name       string
	mono, wall float64
	first      bool // a refresh comes first
}{
	{"the wall clock steps forth", 100, 3000, true},
	{"the wall clock steps back", 100, -2000, true},
	{"the wall clock steps back by a year", 100, -3e10, true},
	{"the wall clock stands still", 2500, 0, true},
	{"the monotonic clock stands still", 0, 2500, true},
	{"both go on", 3000, 3000, false},
	{"the wall clock steps by two seconds and no more", 0, 2000, false},
	{"the wall clock is set right by a second", 100, 1100, false},
	{"the wall clock is set back by a second", 1100, 100, false},
}

func TestAfterAClockJumpTheRefreshComesFirst(t *testing.T) {
	for _, jump := range jumps {
		t.Run(jump.name, func(t *testing.T) {
			inKeeping(t, func(p *page, call int32, good string) {
				p.seen = len(p.sent)
				p.now.Mono += jump.mono
				p.now.Wall += jump.wall
				p.tick()
				if !jump.first {
					p.sees("")
					return
				}
				p.sees("refresh sec1")
				p.grant("refresh")
				if k := p.stands(call, good); k.expiresAt != p.now.Wall+timeout {
					p.t.Fatalf("expires in %v", k.expiresAt-p.now.Wall)
				}
				p.skip(10)
				p.tick()
				p.sees("")
			})
		})
	}
}

func TestEveryInputNoticesAJump(t *testing.T) {
	for name, input := range map[string]func(p *page){
		"message":    func(p *page) { p.request("visibility", message{"visible": true}) },
		"call":       func(p *page) { p.call(SendEvent, event) },
		"page event": func(p *page) { p.happens(PageAwake) },
		"abort":      func(p *page) { p.abort(99) },
		"HTTP":       func(p *page) { p.httpDone(99, 200, message{}) },
	} {
		t.Run(name, func(t *testing.T) {
			inKeeping(t, func(p *page, call int32, good string) {
				p.seen = len(p.sent)
				p.now.Wall += 5000
				input(p)
				if len(p.news("refresh")) != 1 {
					p.t.Fatalf("sent %s", p.script(p.seen))
				}
			})
		})
	}
}

func TestSmallDriftsAreNoJump(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.seen = len(p.sent)
		for range 8 {
			p.now.Mono += 1000
			p.now.Wall += 2500
			p.tick()
		}
		p.sees("")
	})
}

func TestFutureCountsAsExpiredWhenEitherClockSaysSo(t *testing.T) {
	for _, test := range []struct {
		name       string
		mono, wall float64
		status     string
	}{
		{"asleep with the monotonic clock stopped", 10, timeout, "maybeExpired"},
		{"the wall clock stopped", timeout, 10, "maybeExpired"},
		{"neither", timeout / 2, timeout / 2, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			inKeeping(t, func(p *page, call int32, good string) {
				p.now.Mono += test.mono
				p.now.Wall += test.wall
				p.tick()
				if test.status == "" {
					p.stands(call, good)
					return
				}
				p.stands(call, test.status)
				p.grant("refresh")
				p.stands(call, good)
			})
		})
	}
}

func TestExpiryIsToldOnTimeAlthoughTheWallClockWentBack(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.now.Wall -= 3600000
		p.pass(timeout)
		p.stands(call, "maybeExpired")
	})
}

func TestExpiryIsToldOnTimeWithoutAnyAnswer(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.pass(timeout - 1)
		if p.keeps[call].status() == "maybeExpired" {
			p.t.Fatal("told too early")
		}
		p.pass(1)
		p.stands(call, "maybeExpired")
	})
}

func TestRefreshThatIsDueComesWithThePageAwake(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.seen = len(p.sent)
		p.skip(12000) // timers stood still
		p.happens(PageAwake)
		p.sees("refresh sec1")
		p.grant("refresh")
		p.stands(call, good)
	})
}

func TestPageThatWakesUpDoesNotWaitForARetry(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.reply(p.until("refresh"), reply{status: 0})
		p.seen = len(p.sent)
		p.skip(100)
		p.happens(PageAwake) // online again
		p.sees("refresh sec1")
		p.grant("refresh")
		p.stands(call, good)
		p.happens(PageAwake)
		p.sees("")
	})
}

func TestThrottledTimersAreMadeUpForByOneRefreshNotByMany(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.seen = len(p.sent)
		for range 5 {
			p.skip(60000) // a hidden page's timers come once a minute
			p.tick()
			if n := len(p.news("refresh")); n != 1 {
				p.t.Fatalf("sent %s", p.script(p.seen))
			}
			p.grant("refresh")
			p.stands(call, good)
			p.seen = len(p.sent)
		}
	})
}

func TestRefreshAfterAJumpMayExceedTheOverlap(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.until("refresh")
		p.pass(8500) // two quick ones behind it, all of them young
		if n := len(p.news("refresh")); n < 3 {
			p.t.Fatalf("sent %s", p.script(0))
		}
		n := len(p.sent)
		p.now.Wall += 5000
		p.tick()
		if len(p.sent) != n+1 {
			p.t.Fatalf("sent %s", p.script(n))
		}
		p.tick()
		if len(p.sent) != n+1 {
			p.t.Fatalf("sent %s", p.script(n))
		}
	})
}
