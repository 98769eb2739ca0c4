// Command soak lets many small worlds run in virtual time and checks what must
// hold in each: see package sim. A world that breaks an invariant is shrunk and
// told, with the command that tells it again.
//
//	go run ./web/soak -seeds 2000 -hours 1
//	go run ./web/soak -seed 17 -hours 1 -keep 3,7,12
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/widget-futures/widget-futures/web/soak/sim"
)

const hour = 3600 * 1000.0

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are the flags.
type options struct {
	seeds, workers, tries int
	first                 uint64
	hours                 float64
	seed, keep            string
	tell                  bool
	stats                 bool
	stop                  bool
	look                  []sim.Invariant
}

func run(args []string, out, problems io.Writer) int {
	var o options
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(problems)
	flags.IntVar(&o.seeds, "seeds", 100, "how many worlds to run")
	flags.Uint64Var(&o.first, "first", 1, "seed of the first of them")
	flags.Float64Var(&o.hours, "hours", 1, "virtual time of each")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many run at a time")
	flags.StringVar(&o.seed, "seed", "", "run this seed only")
	flags.StringVar(&o.keep, "keep", "", "of that seed's plan, keep these items only (numbers, commas)")
	flags.BoolVar(&o.tell, "tell", false, "tell the transcript of the seed, violation or not")
	flags.BoolVar(&o.stats, "stats", false, "print what has happened in all of them")
	look := flags.String("look", "", "look at these invariants only (names, commas)")
	flags.BoolVar(&o.stop, "stop", false, "stop at the first violation")
	flags.IntVar(&o.tries, "shrink", 400, "runs to spend on shrinking a plan")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *look != "" {
		for _, name := range strings.Split(*look, ",") {
			o.look = append(o.look, sim.Invariant(name))
		}
	}
	if o.seed != "" {
		return one(&o, out, problems)
	}
	return many(&o, out)
}

// many runs the seeds side by side; what they print comes in order of the seeds.
func many(o *options, out io.Writer) int {
	var (
		lock       sync.Mutex
		group      sync.WaitGroup
		total      sim.Stats
		violations int
		next       int
	)
	for range max(1, o.workers) {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				lock.Lock()
				n := next
				next++
				done := n >= o.seeds || o.stop && violations > 0
				lock.Unlock()
				if done {
					return
				}
				plan := sim.Draw(o.first+uint64(n), o.hours*hour)
				report := sim.Run(plan, sim.Options{Look: o.look})
				lock.Lock()
				total.Add(&report.Stats)
				violations += len(report.Violations)
				lock.Unlock()
				if len(report.Violations) > 0 {
					text := &strings.Builder{}
					explain(plan, report.Violations[0], o, text)
					lock.Lock()
					fmt.Fprint(out, text)
					lock.Unlock()
				}
			}
		}()
	}
	group.Wait()
	if o.stats {
		fmt.Fprintf(out, "%+v\n", total)
	}
	fmt.Fprintf(out, "soak: seeds=%d virtual_hours=%.1f violations=%d\n", o.seeds, total.Ms/hour, violations)
	if violations > 0 {
		return 1
	}
	return 0
}

// before is how much of the transcript is told ahead of a violation.
const before = 90000

func from(v sim.Violation) float64 {
	if v.From > 0 {
		return v.From
	}
	return v.Ms - before
}

// explain shrinks a plan that broke an invariant and tells it.
func explain(plan *sim.Plan, v sim.Violation, o *options, out io.Writer) {
	fmt.Fprintf(out, "\nseed %d: %s: %s (at %.1f s)\n", plan.Seed, v.Name, v.Text, v.Ms/1000)
	small := sim.Shrink(plan, v.Name, o.tries)
	log := &sim.Transcript{}
	report := sim.Run(small, sim.Options{Log: log, Look: []sim.Invariant{v.Name}})
	describe(small, out)
	if len(report.Violations) > 0 {
		v = report.Violations[0]
	}
	log.Write(out, from(v))
	fmt.Fprintf(out, "replay: go run ./web/soak -seed %d -hours %g -keep %s\n", plan.Seed, o.hours, numbers(small))
}

func describe(plan *sim.Plan, out io.Writer) {
	fmt.Fprintf(out, "  %s\n", &plan.Setting)
	for i := range plan.Items {
		fmt.Fprintf(out, "  %s\n", &plan.Items[i])
	}
}

func numbers(plan *sim.Plan) string {
	var list []string
	for _, n := range plan.Numbers() {
		list = append(list, strconv.Itoa(n))
	}
	if len(list) == 0 {
		return "0" // no item has it
	}
	return strings.Join(list, ",")
}

// one replays a seed and tells it.
func one(o *options, out, problems io.Writer) int {
	seed, err := strconv.ParseUint(o.seed, 10, 64)
	if err != nil {
		fmt.Fprintln(problems, "-seed must be a number")
		return 2
	}
	plan := sim.Draw(seed, o.hours*hour)
	if o.keep != "" {
		var list []int
		for _, word := range strings.Split(o.keep, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				fmt.Fprintln(problems, "-keep must be numbers with commas")
				return 2
			}
			list = append(list, n)
		}
		plan = plan.Only(list)
	}
	log := &sim.Transcript{}
	report := sim.Run(plan, sim.Options{Log: log, Look: o.look})
	for _, v := range report.Violations {
		if o.keep == "" && !o.tell {
			explain(plan, v, o, out)
			break
		}
	}
	if o.keep != "" || o.tell {
		describe(plan, out)
		begin := 0.0
		if len(report.Violations) > 0 && !o.tell {
			begin = from(report.Violations[0])
		}
		log.Write(out, begin)
		for _, v := range report.Violations {
			fmt.Fprintf(out, "seed %d: %s: %s (at %.1f s)\n", seed, v.Name, v.Text, v.Ms/1000)
		}
	}
	if o.stats {
		fmt.Fprintf(out, "%+v\n", report.Stats)
	}
	fmt.Fprintf(out, "soak: seeds=1 virtual_hours=%.1f violations=%d\n", report.Stats.Ms/hour, len(report.Violations))
	if len(report.Violations) > 0 {
		return 1
	}
	return 0
}
