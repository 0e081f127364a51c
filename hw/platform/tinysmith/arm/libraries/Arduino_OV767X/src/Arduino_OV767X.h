#pragma once
#include "OV767X.h"
