#pragma once
#include "../String.h"
