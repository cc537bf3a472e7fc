// What stands for people in records.
//
// Threading:  the I/O thread, which may wait for the disk the first time that a name is seen.
// Errors:     what there is against it: then nobody may write the name down instead.
#pragma once

#include <string>

#include "base/result.h"

namespace pawl {

class PersonNames {
 public:
  virtual ~PersonNames() = default;
  virtual Result<std::string> stands_for(const std::string& name) = 0;
};

}  // namespace pawl
