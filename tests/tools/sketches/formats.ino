// The C library's formatting of floats, as the board's vendor links it.
void setup() {
  Serial.begin(115200);
  char text[40];
  snprintf(text, sizeof text, "%.3f %d %5.1e", 3.14159, 7, 12345.678);
  Serial.println(text);
  int whole = 0;
  sscanf("12 apples", "%d", &whole);
  Serial.println(whole);
}

void loop() {}
