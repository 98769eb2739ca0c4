package sim

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

const minute = 60 * second

// quiet is a plan without faults: a page that joins, and what else is given.
func quiet(set Setting, items ...Item) *Plan {
	if set.DeadlineMs == 0 {
		set.DeadlineMs = 10 * second
	}
	p := &Plan{Seed: 5, Ms: 10 * minute, Setting: set}
	p.Items = append(p.Items, Item{Kind: Join, At: second, Hold: Hold{TimeoutMs: 10 * second}})
	p.Items = append(p.Items, items...)
	for i := range p.Items {
		p.Items[i].N = i + 1
	}
	return p
}

// breaks asserts which invariant a plan breaks first.
func breaks(t *testing.T, p *Plan, want Invariant) Violation {
	t.Helper()
	report := Run(p, Options{})
	if len(report.Violations) == 0 || report.Violations[0].Name != want {
		t.Fatalf("broke %v, want %s", report.Violations, want)
	}
	return report.Violations[0]
}

func TestQuietWorldBreaksNothing(t *testing.T) {
	for host := Modern; host <= Yes; host++ {
		for _, server := range []ServerKind{Synapse, OwnCancels, June2024, Merged} {
			set := Setting{Host: host, Server: server, Watched: true, Homeserver: true}
			switch host {
			case Draft:
				set.Dialect = protocol.Futures
			case Prefixed:
				set.Dialect = protocol.FuturesPrefixed
			}
			report := Run(quiet(set, Item{Kind: Kill, At: 5 * minute, Amount: second}), Options{})
			if len(report.Violations) > 0 {
				t.Errorf("%s on %s: %v", host, server, report.Violations)
			}
			if joined := report.Stats.Armed > 0; joined == host.AtOnce() {
				t.Errorf("%s on %s: armed %v", host, server, joined)
			}
		}
	}
}

func TestHostThatSendsAtOnceIsFlagged(t *testing.T) {
	breaks(t, quiet(Setting{Host: Turncoat}), NeverEarly)
}

func TestServerThatDropsFuturesUnreportedIsFlagged(t *testing.T) {
	breaks(t, quiet(Setting{Server: Unreported}), HeldProtected)
}

func TestServerThatNeverSendsTheLeaveIsFlagged(t *testing.T) {
	breaks(t, quiet(Setting{Server: Forgetful}, Item{Kind: Kill, At: minute, Amount: 9 * minute}), LeaveAfterDeath)
}

func TestSamePlanMakesTheSameWorld(t *testing.T) {
	var told [2]bytes.Buffer
	for i := range told {
		log := &Transcript{}
		report := Run(Draw(11, 20*minute), Options{Log: log, Look: []Invariant{NoPanic}})
		log.Write(&told[i], 0)
		if report.Stats.Events < 1000 {
			t.Fatalf("only %d events", report.Stats.Events)
		}
	}
	if told[0].String() != told[1].String() {
		t.Error("two runs of one plan differ")
	}
	if reflect.DeepEqual(Draw(11, minute).Setting, Draw(12, minute).Setting) &&
		reflect.DeepEqual(Draw(11, minute).Items, Draw(12, minute).Items) {
		t.Error("two seeds make one plan")
	}
}

func TestShrinkingLeavesWhatMatters(t *testing.T) {
	var noise []Item
	for at := 10 * second; at < 9*minute; at += 10 * second {
		noise = append(noise, Item{Kind: SendPlain, At: at, Count: 1})
	}
	p := quiet(Setting{Server: Forgetful}, append(noise, Item{Kind: Kill, At: minute, Amount: 9 * minute})...)
	small := Shrink(p, LeaveAfterDeath, 200)
	if len(small.Items) != 2 {
		t.Errorf("%d items are left of %d: %v", len(small.Items), len(p.Items), small.Numbers())
	}
	if got := p.Only(small.Numbers()); !reflect.DeepEqual(got.Items, small.Items) {
		t.Error("the numbers do not name the items that are left")
	}
	breaks(t, small, LeaveAfterDeath)
}

func TestPlansMakeEverythingHappen(t *testing.T) {
	seeds, kinds, total := uint64(200), map[Kind]int{}, Stats{}
	for seed := uint64(1); seed <= seeds; seed++ {
		plan := Draw(seed, 5*minute)
		for _, item := range plan.Items {
			kinds[item.Kind]++
		}
		report := Run(plan, Options{Look: []Invariant{NoPanic}})
		total.Add(&report.Stats)
	}
	for kind := Loss; kind < Kind(len(kindNames)); kind++ {
		if kinds[kind] == 0 {
			t.Errorf("%s never happens", kind)
		}
	}
	stats := reflect.ValueOf(total)
	for i := range stats.NumField() {
		if stats.Field(i).IsZero() {
			t.Errorf("%s: none in %d worlds", stats.Type().Field(i).Name, seeds)
		}
	}
}
