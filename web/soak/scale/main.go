// Command scale lets ten thousand pages, each with a hold and a core of its own,
// share one homeserver in virtual time, and takes the homeserver away for half a
// minute: how many requests a second come to its door before, meanwhile and
// after, and which holds come through. With -docs it writes what it found as
// scale.md and scale.svg. It ends with one line and, if the busiest second after
// an outage is above twice the steady rate or a hold was lost that could have
// been kept, with status 1.
//
//	go run ./web/soak/scale -docs web/docs
//	go run ./web/soak/scale -holds 2000 -timeout 40
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, problems io.Writer) int {
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	flags.SetOutput(problems)
	holds := flags.Int("holds", 10000, "how many")
	timeout := flags.Float64("timeout", 0, "only holds of this timeout, in seconds")
	docs := flags.String("docs", "", "write scale.md and scale.svg into this folder")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	cases := Outages(*holds)
	if *timeout > 0 {
		cases = nil
		for _, o := range kinds {
			cases = append(cases, outageOf(*holds, *timeout, 30, o))
		}
	}
	results := RunAll(cases)
	faults := 0
	for _, r := range results {
		fmt.Fprintln(out, r)
		for _, fault := range r.Faults() {
			faults++
			fmt.Fprintln(out, "  FAILED", fault)
		}
	}
	if *docs != "" {
		report := &Report{
			Results: results, Others: RunAll(Others(*holds)), Lengths: RunAll(Lengths(*holds)),
			Costs: RunAll(Costs(*holds)), Losses: RunAll(Losses(*holds)),
		}
		for _, r := range append(report.Costs, report.Losses...) {
			for _, fault := range r.Faults() {
				faults++
				fmt.Fprintln(out, "  FAILED", fault)
			}
		}
		for name, text := range map[string]string{"scale.md": report.Markdown(), "scale.svg": Plot(results)} {
			if err := os.WriteFile(filepath.Join(*docs, name), []byte(text), 0o644); err != nil {
				fmt.Fprintln(problems, err)
				return 1
			}
		}
	}
	fmt.Fprintln(out, Figure(results))
	if faults > 0 {
		return 1
	}
	return 0
}

// RunAll runs cases side by side; results keep the order.
func RunAll(cases []Case) []*Result {
	results := make([]*Result, len(cases))
	next := make(chan int)
	var group sync.WaitGroup
	for range runtime.NumCPU() {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range next {
				results[i] = Run(&cases[i])
			}
		}()
	}
	for i := range cases {
		next <- i
	}
	close(next)
	group.Wait()
	return results
}

// Figure sums the outages up: the worst ratio, and all holds.
func Figure(results []*Result) string {
	worst, kept, lost := results[0], 0, 0
	for _, r := range results {
		kept += r.Kept
		lost += r.Lost
		if r.Ratio() > worst.Ratio() {
			worst = r
		}
	}
	return fmt.Sprintf("scale: holds=%d outage_s=%g cases=%d steady_rps=%.0f peak_rps=%.0f ratio=%.2f lost=%d kept=%d",
		worst.Holds, worst.OutageMs/1000, len(results), worst.Steady, worst.Peak, worst.Ratio(), lost, kept)
}
