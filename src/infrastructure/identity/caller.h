// The caller's type stands in path/ (the layers below need it); identity is where it is made.
#pragma once

#include "path/caller.h"
