// How the calling thread shares the machine with others.
// Threading: the thread itself calls it. Not errors: a kernel that refuses; it was only a wish.
#pragma once

namespace pawl {

// Gives way to all others: lowest scheduling and disk priority.
void become_background_thread();
// Rarely takes the core of a thread of normal priority by waking up: it runs when a core is free or
// its turn comes. For a thread that serves many at once, and better when more have come. Not by
// SCHED_BATCH, which also waits for whoever computes in the background, for whole slices.
void become_batch_thread();

}  // namespace pawl
