// How the calling thread shares the machine with others.
// Threading: the thread itself calls it. Not errors: a kernel that refuses; it was only a wish.
#pragma once

namespace pawl {

// Gives way to all others: lowest scheduling and disk priority.
void become_background_thread();
// Takes nobody's core by waking up (SCHED_BATCH): it runs when a core is free or its turn comes.
// For a thread that serves many at once, and serves them better when more have come.
void become_batch_thread();

}  // namespace pawl
