#pragma once
#include "../Printable.h"
