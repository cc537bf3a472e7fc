#include "tests/support/source_dir.h"

namespace pawl {

std::string source_dir() {
  return PAWL_SOURCE_DIR;
}

}  // namespace pawl
