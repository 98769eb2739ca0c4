package sim

import "testing"

// TestFaultsOfTheCore are small worlds for faults that the core has had, each
// with the invariant that tells of it.
func TestFaultsOfTheCore(t *testing.T) {
	spent := Item{Kind: Worker, At: 60 * second, For: 20 * second, Count: 1} // nobody answers restarts
	for _, fault := range []struct {
		name  string
		set   Setting
		want  Invariant
		items []Item
	}{
		{"the leave of the page before falls on an equal state", Setting{Watched: true}, HeldIsTold, []Item{
			{Kind: Kill, At: 60 * second, Amount: 500, Same: true},
		}},
		{"an update when the leave may be spent", Setting{}, ProtectedBeforeWritten, []Item{
			spent, {Kind: Update, At: 78 * second}, {Kind: Kill, At: 78*second + 90, Amount: 9 * minute},
		}},
		{"a page that goes when the leave may be spent", Setting{}, PageHidePlain, []Item{
			spent, {Kind: Hide, At: 78 * second, Amount: 9 * minute},
		}},
		{"a release that repeats what was sent", Setting{Server: Merged}, LeftAfterRelease, []Item{
			spent, {Kind: Update, At: 77 * second}, {Kind: Release, At: 78 * second},
		}},
		{"a limit that tells to wait for longer than the timeout", Setting{}, ProtectOften, []Item{
			{Kind: Full, At: 60 * second, For: minute, Amount: 1200 * second}, {Kind: Vanish, At: 61 * second},
		}},
		{"restarts that are not known for a moment", Setting{}, FailedForCause, []Item{
			{Kind: Worker, At: 60 * second, For: 4 * second},
		}},
		{"restarts that are never known", Setting{NoRestart: true}, UnprotectedStays, []Item{
			{Kind: Join, At: 2 * second, Hold: Hold{Key: 1, TimeoutMs: 10 * second, WithoutFuture: true}},
		}},
		{"a limit that is lowered", Setting{LimitForm: 3}, FailedForCause, []Item{
			{Kind: Lower, At: 60 * second, Amount: 6 * second}, {Kind: Vanish, At: 61 * second},
		}},
		{"a login that is renewed", Setting{}, FailedForCause, []Item{
			{Kind: Refuse, With: noLogin, P: 1, At: 60 * second, For: 3 * second},
		}},
		{"a hold in another's place that is given up at once", Setting{}, CancelKeepsOne, []Item{
			{Kind: GiveUp, At: 60 * second, Hold: Hold{TimeoutMs: 10 * second}, Amount: 20},
		}},
	} {
		p := quiet(fault.set, fault.items...)
		if r := Run(p, Options{Look: []Invariant{fault.want}}); len(r.Violations) > 0 {
			t.Errorf("%s: %s: %s", fault.name, r.Violations[0].Name, r.Violations[0].Text)
		}
		if r := Run(p, Options{}); len(r.Violations) > 0 {
			t.Errorf("%s: first %s", fault.name, r.Violations[0].Name)
		}
	}
}
