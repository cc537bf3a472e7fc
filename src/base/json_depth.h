// How deep a JSON text nests, without a tree of it.
//
// Threading:  pure function.
// Rules:      an object or array is one level, what stands in a string is none. The text is JSON;
// of
//             any other the answer means nothing, and is given in the same time.
#pragma once

#include <cstddef>
#include <string_view>

namespace pawl::json {

// More than `levels`: `[[1]]` nests deeper than one level, and not than two.
bool nests_deeper_than(std::string_view text, std::size_t levels);

}  // namespace pawl::json
