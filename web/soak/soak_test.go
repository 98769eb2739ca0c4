package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/web/soak/sim"
)

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestAFewWorldsBreakNothing(t *testing.T) {
	var out, problems bytes.Buffer
	if code := run([]string{"-seeds", "20", "-hours", "0.3"}, &out, &problems); code != 0 {
		t.Fatalf("ended with %d:\n%s%s", code, out.String(), problems.String())
	}
	if want := "soak: seeds=20 virtual_hours="; !strings.HasPrefix(lastLine(out.String()), want) ||
		!strings.HasSuffix(out.String(), " violations=0\n") {
		t.Errorf("the last line is %q", lastLine(out.String()))
	}
}

func TestOneSeedIsToldWithWhatIsLeftOfItsPlan(t *testing.T) {
	var out, problems bytes.Buffer
	if code := run([]string{"-seed", "3", "-hours", "0.1", "-keep", "1", "-tell"}, &out, &problems); code != 0 {
		t.Fatalf("ended with %d:\n%s%s", code, out.String(), problems.String())
	}
	for _, want := range []string{"host=", "— life 1 begins", "→ supported_api_versions #1", "violations=0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not tell %q", want)
		}
	}
}

func TestViolationIsToldWithItsTranscriptAndItsReplay(t *testing.T) {
	plan := sim.Draw(3, hour/10)
	plan.Setting = sim.Setting{Server: sim.Unreported, DeadlineMs: 10000}
	report := sim.Run(plan, sim.Options{})
	if len(report.Violations) == 0 {
		t.Fatal("a server that drops futures breaks nothing")
	}
	var out bytes.Buffer
	explain(plan, report.Violations[0], &options{hours: 0.1, tries: 100}, &out)
	for _, want := range []string{
		"seed 3: held-protected: ", "‼ held-protected: ", "answer to restart", "replay: go run ./web/soak -seed 3 -hours 0.1 -keep ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not tell %q:\n%s", want, out.String())
		}
	}
}

func TestArgumentsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-seed", "x"}, {"-seed", "1", "-keep", "a"}, {"-what"}} {
		var out, problems bytes.Buffer
		if code := run(args, &out, &problems); code != 2 || problems.Len() == 0 {
			t.Errorf("%v: ended with %d, said %q", args, code, problems.String())
		}
	}
}
