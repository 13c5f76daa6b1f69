package service

import (
	"bufio"
	"io"
	"sync"
	"time"
)

// batchDelay is how long a line may wait for others: one system call for many lines.
const batchDelay = 100 * time.Millisecond

// batch collects lines. Its errors are lost, as there is no other place to report them.
type batch struct {
	mu      sync.Mutex
	out     io.Writer
	buffer  *bufio.Writer
	waiting bool
}

func newBatch(out io.Writer) *batch {
	return &batch{out: out, buffer: bufio.NewWriterSize(out, 32<<10)}
}

// Write takes one line.
func (b *batch) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(line) > b.buffer.Available() {
		b.flush() // lines are written whole
	}
	if !b.waiting {
		b.waiting = true
		time.AfterFunc(batchDelay, b.Flush)
	}
	return b.buffer.Write(line)
}

// Flush writes the lines that wait.
func (b *batch) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = false
	b.flush()
}

func (b *batch) flush() {
	if b.buffer.Flush() != nil {
		b.buffer.Reset(b.out) // an error would stay, and lines after it be lost too
	}
}
