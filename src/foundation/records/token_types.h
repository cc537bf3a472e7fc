// The wire names of what shows who calls: `typ` of tokens that others make and Pawl only reads. A
// part of the table in names.h, apart because the standards are others'.
#pragma once

#include <string_view>

namespace pawl::names {

inline constexpr std::string_view kTypJwt = "JWT", kTypJose = "JOSE";  // RFC 7519; JWT-SVID, 2.3
inline constexpr std::string_view kTypAccessToken = "at+jwt";          // RFC 9068
inline constexpr std::string_view kTypDpop = "dpop+jwt";               // RFC 9449
inline constexpr std::string_view kTypWit = "wit+jwt";                 // WIMSE credentials
inline constexpr std::string_view kTypWpt = "wpt+jwt";                 // WIMSE proof token

}  // namespace pawl::names
