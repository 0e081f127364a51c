// Kept so that portable libraries which include it build; cli() and sei() are AVR's names.
#pragma once
