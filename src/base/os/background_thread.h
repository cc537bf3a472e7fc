// Makes the calling thread give way to all others: lowest scheduling and disk priority.
// Threading: the thread itself calls it. Not errors: a kernel that refuses; it was only a wish.
#pragma once

namespace pawl {

void become_background_thread();

}  // namespace pawl
