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
