package sim

import "testing"

// TestLimitedUserKeepsAllFutures: refreshes of eight futures are three times what
// the server allows its user, and one of each in a timeout is not: those whose
// time runs out first go first.
func TestLimitedUserKeepsAllFutures(t *testing.T) {
	for seed := range uint64(5) {
		p := quiet(Setting{Limited: true, DeadlineMs: 10 * second})
		p.Seed = seed
		p.Items = nil
		for i := range 8 {
			p.Items = append(p.Items,
				Item{Kind: Schedule, At: second + 100*float64(i), Amount: 10 * second},
				Item{Kind: Keep, At: 2*second + 100*float64(i), Slot: i})
		}
		for i := range p.Items {
			p.Items[i].N = i + 1
		}
		r := Run(p, Options{})
		if len(r.Violations) > 0 || r.Stats.Keeps != 8 {
			t.Fatalf("%d kept alive, %v", r.Stats.Keeps, r.Violations)
		}
		if r.Stats.Losses > 0 || r.Stats.Expiries > 0 {
			t.Errorf("seed %d: %d were lost, %d may have been", seed, r.Stats.Losses, r.Stats.Expiries)
		}
	}
}

// calm runs a plan with many seeds; nothing may be broken.
func calm(t *testing.T, set Setting, items ...Item) {
	t.Helper()
	for seed := range uint64(40) {
		p := quiet(set, items...)
		p.Seed = seed
		p.Items[0].Hold.TimeoutMs = minute
		for i := range p.Items {
			if p.Items[i].Hold.TimeoutMs == 0 {
				p.Items[i].Hold.TimeoutMs = 10 * second
			}
		}
		if r := Run(p, Options{}); len(r.Violations) > 0 {
			t.Fatalf("seed %d: %v", seed, r.Violations)
		}
	}
}

// TestStateThatWasThereIsSentAgain: the server has begun to send the leave when
// the page is back, and takes the state for the one that is still there.
func TestStateThatWasThereIsSentAgain(t *testing.T) {
	calm(t, Setting{MonoStops: true},
		Item{Kind: Join, At: 50 * second, Hold: Hold{Key: 1}},
		Item{Kind: Sleep, At: 100 * second, For: 13.02 * second},
		Item{Kind: ServerDown, At: 105 * second, For: 8 * second})
}

// TestLeaveOfALateAttemptIsRepaired: a request for the leave is long on its way
// and not answered, and the server sends several at a time: this leave fires later
// than by its post.
func TestLeaveOfALateAttemptIsRepaired(t *testing.T) {
	calm(t, Setting{BatchMs: 20 * second},
		Item{Kind: Loss, At: 60*second - 1, For: 6600, Hop: serverToHost, P: 1},
		Item{Kind: Delay, At: 60*second - 1, For: 3 * second, Hop: hostToServer, P: 1, Amount: 6 * second},
		Item{Kind: Join, At: 60 * second, Hold: Hold{Key: 1}})
}

// TestStateThatLandsBehindAReleaseIsTakenBack: an update is long on its way, the
// release waits for it no longer than it may, and then the state lands.
func TestStateThatLandsBehindAReleaseIsTakenBack(t *testing.T) {
	calm(t, Setting{},
		Item{Kind: Join, At: 50 * second, Hold: Hold{Key: 1}},
		Item{Kind: Delay, At: 90*second - 1, For: 15, Hop: hostToServer, P: 1, Amount: 20 * second},
		Item{Kind: Update, At: 90 * second, Slot: 1},
		Item{Kind: Release, At: 90*second + 20, Slot: 1})
}

// TestLeaveOfAnEarlierHoldIsRepaired: nobody knows of the leave of a hold that
// was given up, and it fires on the state of the next one.
func TestLeaveOfAnEarlierHoldIsRepaired(t *testing.T) {
	calm(t, Setting{},
		Item{Kind: Loss, At: 60*second - 1, For: second, Hop: serverToHost, P: 1},
		Item{Kind: GiveUp, At: 60 * second, Hold: Hold{Key: 1, TimeoutMs: 30 * second}, Amount: second},
		Item{Kind: Join, At: 75 * second, Hold: Hold{Key: 1}})
}

// TestHoldThatMayDoWithoutCancelsItsLeaveInTime: a leave that cannot be refreshed
// does not go out.
func TestHoldThatMayDoWithoutCancelsItsLeaveInTime(t *testing.T) {
	p := quiet(Setting{NoRestart: true, Watched: true})
	p.Items[0].Hold.WithoutFuture = true
	if r := Run(p, Options{}); len(r.Violations) > 0 || r.Stats.Fired > 0 {
		t.Errorf("%d leaves went out, %v", r.Stats.Fired, r.Violations)
	}
}

// TestLateLeaveOfAStateThatStandsIsLeftAlone: the release of a hold reaches nobody,
// and then the receipt of its leave comes: that one will take the state away.
func TestLateLeaveOfAStateThatStandsIsLeftAlone(t *testing.T) {
	calm(t, Setting{Server: OwnCancels}, // its own state costs it the leave
		Item{Kind: Join, At: 50 * second, Hold: Hold{Key: 1, TimeoutMs: 60 * second}},
		Item{Kind: Update, At: 90 * second, Slot: 1},
		Item{Kind: Delay, At: 90*second + 150, For: 400, Hop: serverToHost, P: 1, Amount: 60 * second},
		Item{Kind: Loss, At: 92*second - 1, For: minute, Hop: hostToServer, P: 1},
		Item{Kind: Release, At: 92 * second, Slot: 1})
}

// TestGoodbyeLeavesTheTimerToAStateOnItsWay: a page goes while a state of its is
// long on its way. What takes it out of the room is the leave's own timer.
func TestGoodbyeLeavesTheTimerToAStateOnItsWay(t *testing.T) {
	for seed := range uint64(10) {
		p := quiet(Setting{},
			Item{Kind: Delay, At: 90*second - 1, For: 15, Hop: hostToServer, P: 1, Amount: 5 * second},
			Item{Kind: Update, At: 90 * second},
			Item{Kind: Hide, At: 90*second + 20, Amount: 9 * minute})
		p.Seed = seed
		if r := Run(p, Options{}); len(r.Violations) > 0 || r.Stats.Fired == 0 {
			t.Fatalf("seed %d: %d leaves went out by their timer, %v", seed, r.Stats.Fired, r.Violations)
		}
	}
}
