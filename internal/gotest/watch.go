package gotest

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

// tick is how often it is looked whether something happens.
const tick = time.Second

// watch shows what runs while nothing else is shown, and calls stop when nothing happened for limit, which is stretched by how
// slow the machine is: what ran then has failed. The returned function ends it.
func (d *display) watch(limit time.Duration, slow func() float64, stop func()) (end func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-ticker.C:
				if d.stuck(now, tick, limit, slow()) {
					stop()
					return
				}
			}
		}
	})
	return func() {
		close(done)
		ended.Wait()
	}
}

// stuck counts some time in which nothing happened.
func (d *display) stuck(now time.Time, passed, limit time.Duration, slow float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle += time.Duration(float64(passed) / slow)
	if d.idle < limit {
		if words := d.names(""); words != "" && now.Sub(d.spoke) >= silence {
			d.say("still running: %s\n", words)
		}
		return false
	}
	for _, n := range d.leaves() {
		why := fmt.Sprintf("it ran for %v, and nothing happened for the last %v or more",
			now.Sub(d.running[n].started).Round(time.Second), limit)
		d.broken[n.pkg] = true
		d.fail(n, why)
		d.say("%s: %s; it is stopped\n", n.test, why)
	}
	return true
}

// slowness is how many times longer than alone a program takes on this machine now; 1 where that is not known.
// Source: https://man7.org/linux/man-pages/man5/proc_loadavg.5.html
func slowness() float64 {
	var load float64
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(data), &load)
	}
	return max(1, load/float64(runtime.NumCPU()))
}
