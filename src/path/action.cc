#include "path/action.h"

namespace pawl {

std::string_view basis_name(Basis basis) {
  switch (basis) {
    case Basis::kDeclared:
      return "declared";
    case Basis::kTraced:
      return "traced";
    case Basis::kData:
      return "data";
    case Basis::kResource:
      return "resource";
    case Basis::kInferred:
      return "inferred";
  }
  return "inferred";
}

}  // namespace pawl
