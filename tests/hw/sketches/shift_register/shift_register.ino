// Bytes out to a shift register and in from one that holds all lines at the level of the stimulus.
const int DATA = 4, CLOCK = 5, IN = 6;

void setup() {
  Serial.begin(115200);
  pinMode(DATA, OUTPUT);
  pinMode(CLOCK, OUTPUT);
  pinMode(IN, INPUT);
  shiftOut(DATA, CLOCK, MSBFIRST, 0x81);
  delay(20);
  shiftOut(DATA, CLOCK, LSBFIRST, 0x80);
  Serial.println(shiftIn(IN, CLOCK, MSBFIRST), HEX);
  delay(30);
  Serial.println(shiftIn(IN, CLOCK, LSBFIRST), HEX);
}

void loop() {}
