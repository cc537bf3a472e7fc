// Where the repository stands: vectors and documents that tests read. Threading: any.
// A function and not a macro of every target, so that the same test compiles to the same object in
// every clone and the compiler cache knows it.
#pragma once

#include <string>

namespace pawl {

std::string source_dir();  // no slash at the end

}  // namespace pawl
